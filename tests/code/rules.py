"""Asks PyTorch, Keras and ONNX for the output sizes and padding of random layers, and freezes the answers.

    python tests/code/rules.py tests/data/ops/rules.jsonl

A row holds a layer, an input size and what each rule of `convscope_core::rules` makes of it: `size`, and for
rules that pad by themselves `before`, the cells before the first row and column; or `error`, the first words
of the refusal. `before` is read off the values: it lists all offsets at which an explicit reference gives the
same numbers, mostly one.

ONNX's answers are those of ONNX Runtime; with `ceil_mode` those of ONNX's shape inference, because ONNX Runtime
drops the last window before opset 22, too (`onnxruntime_size`). Left out is where ONNX Runtime leaves ONNX:
`SAME` with dilation, or with a stride beyond the kernel (it pads a negative number of cells); a kernel larger
than the padded input, of which it rounds the size towards 0; and an `output_padding` not below the stride.
"""

import json
import os
import random
import sys

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper

SEED = 20260
N_ROWS = {"conv2d": 50, "conv_transpose2d": 50, "max_pool2d": 30, "avg_pool2d": 30, "lp_pool2d": 20}


def main(path):
    rng = random.Random(SEED)
    with open(path, "w", encoding="utf-8") as out:
        for op, n_rows in N_ROWS.items():
            for i in range(n_rows):
                layer = random_layer(rng, op)
                row = {"name": f"{op}-{i:02}", "op": op, **layer, "rules": answers(op, layer)}
                out.write(json.dumps(row, separators=(",", ":")) + "\n")


def random_layer(rng, op):
    """Kernel, stride, dilation, pads [top, left, bottom, right], output padding and input size."""
    two = lambda low, high: [rng.randint(low, high), rng.randint(low, high)]
    is_pool = op.endswith("pool2d")
    kernel, stride = two(1, 5), two(1, 4)
    dilation = two(1, 3) if rng.random() < 0.3 else [1, 1]
    if rng.random() < 0.5:
        # Keras and PyTorch's 'same' take no stride beside dilation.
        stride = [1, 1] if rng.random() < 0.6 or dilation != [1, 1] else stride
    most = [k // 2 if is_pool else k for k in kernel]
    before = [rng.randint(0, m) for m in most]
    after = before if rng.random() < 0.7 else [rng.randint(0, m) for m in most]
    output_padding = [0, 0]
    if op == "conv_transpose2d" and rng.random() < 0.4:
        output_padding = [rng.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation)]
    return {
        "params": {
            "kernel": kernel,
            "stride": stride,
            "dilation": dilation,
            "pads": before + after,
            "output_padding": output_padding,
        },
        "input_size": two(1, 6) if op == "conv_transpose2d" else two(3, 14),
    }


def answers(op, layer):
    """What each rule makes of a layer."""
    params = layer["params"]
    # Distinct values, so that an offset can be told from its neighbours.
    values = np.random.default_rng(7)
    x = values.permutation(np.prod(layer["input_size"])).reshape(1, 1, *layer["input_size"]) + 1.0
    w = values.permutation(np.prod(params["kernel"])).reshape(1, 1, *params["kernel"]) + 1.0
    x, w = x.astype(np.float32), w.astype(np.float32)
    rules = {}

    def ask(rule, answer, **kwargs):
        try:
            y = answer(op, params, x, w, **kwargs)
        except Exception as error:  # Whatever the framework raises is its refusal.
            rules[rule] = {"error": str(error).strip().splitlines()[0][:60]}
            return
        if isinstance(y, np.ndarray) and 0 in y.shape:
            rules[rule] = {"error": "an empty output"}
        else:
            rules[rule] = {"size": list(y.shape[2:])}
            if "same" in rule:
                rules[rule]["before"] = offset(op, params, x, w, y)

    ask("pytorch", pytorch)
    if op == "conv2d":
        ask("pytorch_same", pytorch, padding="same")
    elif op.endswith("pool2d"):
        ask("pytorch_ceil", pytorch, ceil_mode=True)
    if op != "lp_pool2d":
        for padding in ["valid", "same"]:
            ask(f"keras_{padding}", keras_layer, padding=padding)
    for auto_pad in ["notset", "valid", "same_upper", "same_lower"]:
        rule = f"onnx_{auto_pad}"
        ask(rule, onnx_node, opset=22, auto_pad=auto_pad.upper())
        if leaves_onnx(op, layer, rule):
            del rules[rule]
    if op.endswith("pool2d"):
        for rule, opset in [("onnx_ceil_before_22", 21), ("onnx_ceil", 22)]:
            size = inferred_size(onnx_model(op, params, x, w, opset=opset, ceil_mode=1))
            rules[rule] = {"size": size} if min(size) > 0 else {"error": "no size is inferred"}
            ask("onnxruntime", onnx_node, opset=opset, ceil_mode=1)
            rules[rule]["onnxruntime_size"] = rules.pop("onnxruntime").get("size")
    return rules


def leaves_onnx(op, layer, rule):
    """Whether ONNX Runtime answers otherwise than ONNX says."""
    params = layer["params"]
    spans = [d * (k - 1) + 1 for k, d in zip(params["kernel"], params["dilation"])]
    if "same" in rule:
        is_sparse = any(s > span for s, span in zip(params["stride"], spans))
        return is_sparse or params["dilation"] != [1, 1]
    if op == "conv_transpose2d":
        return any(o > 0 and o >= s for o, s in zip(params["output_padding"], params["stride"]))
    top, left, bottom, right = params["pads"] if rule == "onnx_notset" else [0] * 4
    padded = [layer["input_size"][0] + top + bottom, layer["input_size"][1] + left + right]
    return any(span > len for span, len in zip(spans, padded))


def pytorch(op, params, x, w, padding=None, ceil_mode=False):
    kernel, stride, dilation = params["kernel"], params["stride"], params["dilation"]
    top, left, bottom, right = params["pads"]
    x, w = torch.from_numpy(x), torch.from_numpy(w)
    uneven = [top, left] != [bottom, right]
    with torch.no_grad():
        if op == "conv2d":
            if padding is None and uneven:
                x = F.pad(x, (left, right, top, bottom))
            padding = padding or ([0, 0] if uneven else [top, left])
            conv = torch.nn.Conv2d(1, 1, kernel, stride, padding, dilation, bias=False)
            conv.weight.copy_(w)
            return conv(x).numpy()
        if op == "conv_transpose2d":
            padding = [0, 0] if uneven else [top, left]
            conv = torch.nn.ConvTranspose2d(
                1, 1, kernel, stride, padding, params["output_padding"], bias=False, dilation=dilation
            )
            conv.weight.copy_(w)
            y = conv(x)
            y = y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right] if uneven else y
            return y.numpy()
        if uneven:
            raise ValueError("pools take one padding for both sides")
        if op == "max_pool2d":
            pool = torch.nn.MaxPool2d(kernel, stride, [top, left], dilation, ceil_mode=ceil_mode)
        elif dilation != [1, 1]:
            raise ValueError("the pool takes no dilation")
        elif op == "avg_pool2d":
            pool = torch.nn.AvgPool2d(kernel, stride, [top, left], ceil_mode=ceil_mode)
        elif [top, left] != [0, 0]:
            raise ValueError("LPPool2d takes no padding")
        else:
            pool = torch.nn.LPPool2d(2, kernel, stride, ceil_mode=ceil_mode)
        return pool(x).numpy()


def keras_layer(op, params, x, w, padding):
    x = x.transpose(0, 2, 3, 1)
    kernel, stride, dilation = params["kernel"], params["stride"], params["dilation"]
    if op.endswith("pool2d"):
        if dilation != [1, 1]:
            raise ValueError("the pool takes no dilation")
        kind = keras.layers.MaxPooling2D if op == "max_pool2d" else keras.layers.AveragePooling2D
        layer = kind(kernel, stride, padding)
        return np.asarray(layer(x)).transpose(0, 3, 1, 2)
    more = {}
    if op == "conv_transpose2d" and params["output_padding"] != [0, 0]:
        more = {"output_padding": params["output_padding"]}
    kind = keras.layers.Conv2D if op == "conv2d" else keras.layers.Conv2DTranspose
    layer = kind(1, kernel, stride, padding, dilation_rate=dilation, use_bias=False, **more)
    layer.build(x.shape)
    layer.set_weights([w.transpose(2, 3, 1, 0)])
    return np.asarray(layer(x)).transpose(0, 3, 1, 2)


def onnx_model(op, params, x, w, opset, auto_pad="NOTSET", ceil_mode=0):
    names = {
        "conv2d": "Conv",
        "conv_transpose2d": "ConvTranspose",
        "max_pool2d": "MaxPool",
        "avg_pool2d": "AveragePool",
        "lp_pool2d": "LpPool",
    }
    attributes = {"strides": params["stride"], "dilations": params["dilation"], "auto_pad": auto_pad}
    if auto_pad == "NOTSET":
        attributes["pads"] = params["pads"]
    if op == "conv_transpose2d":
        attributes["output_padding"] = params["output_padding"]
    initializers = []
    if op.endswith("pool2d"):
        attributes.update(kernel_shape=params["kernel"], ceil_mode=ceil_mode)
    else:
        initializers = [onnx.numpy_helper.from_array(w, "w")]
    node = helper.make_node(names[op], ["x"] + ["w"] * len(initializers), ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def onnx_node(op, params, x, w, **kwargs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    model = onnx_model(op, params, x, w, **kwargs)
    return onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, {"x": x})[0]


def inferred_size(model):
    inferred = onnx.shape_inference.infer_shapes(model)
    return [size.dim_value for size in inferred.graph.output[0].type.tensor_type.shape.dim][2:] or [0, 0]


def offset(op, params, x, w, y):
    """Each padding before the first row and column that explains the values."""
    kernel, stride, dilation = params["kernel"], params["stride"], params["dilation"]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    places = [(t, l) for t in range(spans[0]) for l in range(spans[1])]
    return [at for at in places if explains(op, params, x, w, y, at, spans)]


def explains(op, params, x, w, y, at, spans):
    (t, l), (height, width) = at, y.shape[2:]
    kernel, stride, dilation = params["kernel"], params["stride"], params["dilation"]
    around = 64
    xt, wt = torch.from_numpy(x), torch.from_numpy(w)
    if op == "conv_transpose2d":
        full = F.conv_transpose2d(xt, wt, stride=stride, dilation=dilation)
        full = F.pad(full, (0, around, 0, around))
        return np.array_equal(full[:, :, t : t + height, l : l + width].numpy(), y)
    fill = float("-inf") if op == "max_pool2d" else 0.0
    padded = F.pad(xt, (l, around, t, around), value=fill)
    if op == "conv2d":
        ours = F.conv2d(padded, wt, stride=stride, dilation=dilation)
    elif op == "max_pool2d":
        ours = F.max_pool2d(padded, kernel, stride, dilation=dilation)
    else:
        ones = torch.ones(1, 1, *kernel)
        count = F.pad(torch.ones_like(xt), (l, around, t, around))
        power = 2 if op == "lp_pool2d" else 1
        ours = F.conv2d(padded**power, ones, stride=stride, dilation=dilation)
        if op == "lp_pool2d":
            ours = ours.sqrt()
        else:
            ours = ours / F.conv2d(count, ones, stride=stride, dilation=dilation)
    ours = ours[:, :, :height, :width].numpy()
    return ours.shape == y.shape and np.allclose(ours, y, rtol=1e-5, atol=0)


if __name__ == "__main__":
    main(sys.argv[1])
