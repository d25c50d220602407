// One-node ONNX models for ONNX Runtime Web, made from a workload; nothing is downloaded.

import protobuf from "protobufjs";

/** The few messages of onnx.proto3 that a model of one Conv needs, with their field numbers. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Model: { fields: {
      irVersion: { type: "int64", id: 1 },
      graph: { type: "Graph", id: 7 },
      opsets: { rule: "repeated", type: "Opset", id: 8 },
    } },
    Opset: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    Graph: { fields: {
      nodes: { rule: "repeated", type: "Node", id: 1 },
      name: { type: "string", id: 2 },
      initializers: { rule: "repeated", type: "Tensor", id: 5 },
      inputs: { rule: "repeated", type: "ValueInfo", id: 11 },
      outputs: { rule: "repeated", type: "ValueInfo", id: 12 },
    } },
    Node: { fields: {
      inputs: { rule: "repeated", type: "string", id: 1 },
      outputs: { rule: "repeated", type: "string", id: 2 },
      opType: { type: "string", id: 4 },
      attributes: { rule: "repeated", type: "Attribute", id: 5 },
    } },
    Attribute: { fields: {
      name: { type: "string", id: 1 },
      i: { type: "int64", id: 3 },
      ints: { rule: "repeated", type: "int64", id: 8, options: { packed: false } },
      type: { type: "int32", id: 20 },
    } },
    Tensor: { fields: {
      dims: { rule: "repeated", type: "int64", id: 1, options: { packed: false } },
      dataType: { type: "int32", id: 2 },
      name: { type: "string", id: 8 },
      rawData: { type: "bytes", id: 9 },
    } },
    ValueInfo: { fields: { name: { type: "string", id: 1 }, type: { type: "Type", id: 2 } } },
    Type: { fields: { tensorType: { type: "TensorType", id: 1 } } },
    TensorType: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "Shape", id: 2 } } },
    Shape: { fields: { dims: { rule: "repeated", type: "Dimension", id: 1 } } },
    Dimension: { fields: { dimValue: { type: "int64", id: 1 } } },
  },
});

const FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** The bytes of a model with one Conv of `w`, weights drawn by `random(count)`. */
export function convModel(w, random) {
  const Model = schema.lookupType("Model");
  const ints = (name, values) => ({ name, ints: values, type: ATTRIBUTE_INTS });
  const bytes = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const tensor = (name, dims) => ({
    name, dims, dataType: FLOAT, rawData: bytes(random(dims.reduce((a, b) => a * b, 1))),
  });
  const value = (name, dims) => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dims: dims.map((dimValue) => ({ dimValue })) } } },
  });
  return Model.encode(Model.create({
    irVersion: 9,
    opsets: [{ domain: "", version: 17 }],
    graph: {
      name: w.name,
      nodes: [{
        opType: "Conv",
        inputs: ["x", "w", "b"],
        outputs: ["y"],
        attributes: [
          ints("kernel_shape", [w.kh, w.kw]),
          ints("strides", [w.stride, w.stride]),
          ints("pads", [w.pad, w.pad, w.pad, w.pad]),
          ints("dilations", [w.dilation, w.dilation]),
          { name: "group", i: w.groups, type: ATTRIBUTE_INT },
        ],
      }],
      initializers: [tensor("w", [w.f, w.c / w.groups, w.kh, w.kw]), tensor("b", [w.f])],
      inputs: [value("x", [1, w.c, w.h, w.w])],
      outputs: [value("y", [1, w.f, w.oh, w.ow])],
    },
  })).finish();
}
