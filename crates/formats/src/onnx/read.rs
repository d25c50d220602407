//! The messages of `onnx.proto`, by the numbers of their fields.

use super::wire::{Field, Wire};
use super::{
    Attribute, DataType, Dim, Graph, Model, Node, Opset, ReadError, Reason, Value, ValueInfo, tensor,
};

/// `ModelProto`.
pub(super) fn model(wire: &mut Wire<'_>) -> Result<Model, Box<ReadError>> {
    let mut model = Model::default();
    let mut found = false;
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => model.ir_version = wire.int(field)?,
            2 => model.producer = wire.text(field)?,
            7 => {
                model.graph = wire.message(field, "graph", None, graph)?;
                found = true;
            }
            8 => {
                let index = Some(model.opsets.len());
                let opset = wire.message(field, "opset_import", index, opset)?;
                wire.keep(&mut model.opsets, opset)?;
            }
            _ => wire.skip(field)?,
        }
    }
    if found { Ok(model) } else { Err(wire.error(Reason::NoGraph)) }
}

/// `OperatorSetIdProto`.
fn opset(wire: &mut Wire<'_>) -> Result<Opset, Box<ReadError>> {
    let mut opset = Opset::default();
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => opset.domain = wire.text(field)?,
            2 => opset.version = wire.int(field)?,
            _ => wire.skip(field)?,
        }
    }
    Ok(opset)
}

/// `GraphProto`.
fn graph(wire: &mut Wire<'_>) -> Result<Graph, Box<ReadError>> {
    let mut graph = Graph::default();
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => item(wire, field, "node", &mut graph.nodes, node)?,
            2 => graph.name = wire.text(field)?,
            5 => item(wire, field, "initializer", &mut graph.initializers, tensor::read)?,
            11 => item(wire, field, "input", &mut graph.inputs, value_info)?,
            12 => item(wire, field, "output", &mut graph.outputs, value_info)?,
            13 => item(wire, field, "value_info", &mut graph.values, value_info)?,
            _ => wire.skip(field)?,
        }
    }
    Ok(graph)
}

/// One message of a list of them.
fn item<T>(
    wire: &mut Wire<'_>,
    field: Field,
    name: &'static str,
    list: &mut Vec<T>,
    read: fn(&mut Wire<'_>) -> Result<T, Box<ReadError>>,
) -> Result<(), Box<ReadError>> {
    let item = wire.message(field, name, Some(list.len()), read)?;
    wire.keep(list, item)
}

/// `NodeProto`.
fn node(wire: &mut Wire<'_>) -> Result<Node, Box<ReadError>> {
    let mut node = Node::default();
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => texts(wire, field, &mut node.inputs)?,
            2 => texts(wire, field, &mut node.outputs)?,
            3 => node.name = wire.text(field)?,
            4 => node.op_type = wire.text(field)?,
            5 => item(wire, field, "attribute", &mut node.attributes, attribute)?,
            7 => node.domain = wire.text(field)?,
            _ => wire.skip(field)?,
        }
    }
    Ok(node)
}

fn texts(wire: &mut Wire<'_>, field: Field, list: &mut Vec<String>) -> Result<(), Box<ReadError>> {
    let text = wire.text(field)?;
    wire.keep(list, text)
}

/// `AttributeProto`. Its type is a field of its own, because a value that is zero or empty may be left out;
/// the oldest files leave the type out instead.
fn attribute(wire: &mut Wire<'_>) -> Result<Attribute, Box<ReadError>> {
    let mut name = String::new();
    let mut kind = 0;
    let (mut float, mut int, mut text, mut tensor) = (None, None, None, None);
    let (mut floats, mut ints, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_reference = false;
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => name = wire.text(field)?,
            2 => float = Some(wire.float(field)?),
            3 => int = Some(wire.int(field)?),
            4 => text = Some(lossy(wire.bytes(field)?)),
            5 => tensor = Some(wire.message(field, "t", None, tensor::read)?),
            7 => wire.floats(field, &mut floats)?,
            8 => wire.ints(field, &mut ints)?,
            9 => {
                let text = lossy(wire.bytes(field)?);
                wire.keep(&mut texts, text)?;
            }
            20 => kind = wire.int(field)?,
            21 => is_reference = !wire.text(field)?.is_empty(),
            _ => wire.skip(field)?,
        }
    }
    let value = match kind {
        _ if is_reference => Value::Other,
        1 => Value::Float(float.unwrap_or_default()),
        2 => Value::Int(int.unwrap_or_default()),
        3 => Value::Text(text.unwrap_or_default()),
        4 => Value::Tensor(tensor.unwrap_or_default()),
        6 => Value::Floats(floats),
        7 => Value::Ints(ints),
        8 => Value::Texts(texts),
        0 => match (float, int, text, tensor) {
            (Some(float), ..) => Value::Float(float),
            (_, Some(int), ..) => Value::Int(int),
            (_, _, Some(text), _) => Value::Text(text),
            (.., Some(tensor)) => Value::Tensor(tensor),
            _ if !floats.is_empty() => Value::Floats(floats),
            _ if !ints.is_empty() => Value::Ints(ints),
            _ if !texts.is_empty() => Value::Texts(texts),
            _ => Value::Other,
        },
        _ => Value::Other,
    };
    Ok(Attribute { name, value })
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// `ValueInfoProto`.
fn value_info(wire: &mut Wire<'_>) -> Result<ValueInfo, Box<ReadError>> {
    let mut info = ValueInfo::default();
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => info.name = wire.text(field)?,
            2 => (info.data_type, info.shape) = wire.message(field, "type", None, tensor_type)?,
            _ => wire.skip(field)?,
        }
    }
    Ok(info)
}

type TensorType = (Option<DataType>, Option<Vec<Dim>>);

/// `TypeProto`, and in it `TypeProto.Tensor`. Sequences, maps and optional values have other fields.
fn tensor_type(wire: &mut Wire<'_>) -> Result<TensorType, Box<ReadError>> {
    let mut data_type = None;
    let mut shape = None;
    while let Some(field) = wire.next_field()? {
        if field.number != 1 {
            wire.skip(field)?;
            continue;
        }
        wire.message(field, "tensor_type", None, |wire| {
            while let Some(field) = wire.next_field()? {
                match field.number {
                    1 => data_type = Some(DataType::from_number(wire.int(field)?)),
                    2 => shape = Some(wire.message(field, "shape", None, tensor_shape)?),
                    _ => wire.skip(field)?,
                }
            }
            Ok(())
        })?;
    }
    Ok((data_type, shape))
}

/// `TensorShapeProto`.
fn tensor_shape(wire: &mut Wire<'_>) -> Result<Vec<Dim>, Box<ReadError>> {
    let mut dims = Vec::new();
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => item(wire, field, "dim", &mut dims, dim)?,
            _ => wire.skip(field)?,
        }
    }
    Ok(dims)
}

/// `TensorShapeProto.Dimension`. Some programs write -1 or 0 for a size that they do not know; a size of 0 is
/// kept, because there are empty tensors.
fn dim(wire: &mut Wire<'_>) -> Result<Dim, Box<ReadError>> {
    let mut dim = Dim::Unknown;
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => dim = u64::try_from(wire.int(field)?).map_or(Dim::Unknown, Dim::Known),
            2 => {
                let name = wire.text(field)?;
                dim = if name.is_empty() { Dim::Unknown } else { Dim::Named(name) };
            }
            _ => wire.skip(field)?,
        }
    }
    Ok(dim)
}
