"""Runs the networks that we write in the frameworks that they are written for, and freezes what ran.

    cargo run -p convscope-formats --example exports > exports.json
    python tests/code/exports.py exports.json tests/data/exports

Of every network, the shape of every layer and the number of parameters must be ours. Small ones run with numbers as
well: weights are equal in each tensor, whatever its order of axes, and all frameworks must give the same. Nothing is
written where one differs. `--only Keras` runs one framework, `--case NAME` one network; both write nothing.
"""

import argparse
import contextlib
import importlib.metadata
import io
import json
import os
import pathlib
import sys
import traceback
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy

PACKAGES = ["torch", "keras", "jax", "onnx", "onnxruntime", "numpy"]
FRAMEWORKS = ["PyTorch", "Keras", "JAX", "ONNX"]
# What a graph of ours does not count: PReLU learns a slope.
LEARNS_MORE = {"function-learned"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    parser.add_argument("--only", choices=FRAMEWORKS)
    parser.add_argument("--case", action="append")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = json.loads(args.cases.read_text(encoding="utf-8"))
    n_failed, n_run = 0, dict.fromkeys(FRAMEWORKS, 0)
    for case in cases:
        if args.case and case["name"] not in args.case:
            continue
        outputs = {}
        for framework in [args.only] if args.only else FRAMEWORKS:
            text = case["texts"][framework].get("text")
            if text is None:
                continue
            try:
                output = RUN[framework](text, case)
                if output is not None:
                    compare(output, outputs, case)
                    outputs[framework] = output
                n_run[framework] += 1
            except Exception:
                n_failed += 1
                print(f"{framework} {case['name']}: {traceback.format_exc(limit=-1)}\n{text}", file=sys.stderr)
    print(f"ran {n_run}, {n_failed} failed")
    if n_failed == 0 and args.folder and not args.only and not args.case:
        write(args.folder, cases)
    return 1 if n_failed else 0


def compare(output, outputs, case):
    """Outputs of four axes may be channels last; where that cannot be seen in the shape, either will do."""
    expected = case["shapes"][-1]

    def readings(output):
        both = [output, output.transpose(0, 3, 1, 2)] if output.ndim == 4 else [output]
        return [it for it in both if list(it.shape) == expected]

    assert readings(output), f"{output.shape}, expected {expected}"
    for framework, other in outputs.items():
        pairs = [(mine, theirs) for mine in readings(output) for theirs in readings(other)]
        same = any(numpy.allclose(*pair, rtol=1e-4, atol=1e-5, equal_nan=True) for pair in pairs)
        assert same, f"differs from {framework}:\n{output.ravel()[:40]}\n{other.ravel()[:40]}"


def constant(name):
    """What every element of a weight is."""
    name = name.replace("__", ".").rsplit(".", 1)[-1].rsplit("/", 1)[-1]
    return {"bias": 0.05, "beta": 0.05, "mean": 0.1, "running_mean": 0.1, "moving_mean": 0.1, "var": 1.2,
            "running_var": 1.2, "moving_variance": 1.2}.get(name, 0.1)


def inputs(case):
    random = numpy.random.default_rng(7)
    shapes = [case["shapes"][index] for index in case["given"]]
    return [random.standard_normal(shape).astype("float32") for shape in shapes]


def tried(seen, expected, names, last_too=False):
    """Every name that was seen has the shape that is expected."""
    for name, shape in zip(names, expected):
        assert name in seen, f"there is no {name}"
        theirs = seen[name]
        if isinstance(theirs, (list, tuple)):
            got = [list(part.shape) for part in theirs]
        else:
            got = list(theirs.shape)
        swapped = [shape[at] for at in (0, 2, 3, 1)] if last_too and len(shape) == 4 else shape
        if last_too and shape and isinstance(shape[0], list):
            swapped = [[part[at] for at in (0, 2, 3, 1)] if len(part) == 4 else part for part in shape]
        assert got in (shape, swapped), f"{name} is {got}, expected {shape}"


@contextlib.contextmanager
def locals_of(function, filename):
    """The local variables of a function of a text at its return."""
    seen = {}

    def profile(frame, event, _):
        if event == "return" and frame.f_code.co_name == function and frame.f_code.co_filename == filename:
            seen.update(frame.f_locals)

    sys.setprofile(profile)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def executed(text, case, function):
    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()), locals_of(function, case["name"]) as seen:
        exec(compile(text, case["name"], "exec"), namespace)
    return namespace, seen


def pytorch(text, case):
    import torch

    with torch.device("cpu" if case["small"] else "meta"):
        namespace, seen = executed(text, case, "forward")
    net, y = namespace["net"], namespace["y"]
    assert list(y.shape) == case["shapes"][-1], f"{y.shape}"
    n_params = sum(weight.numel() for weight in net.parameters())
    assert case["name"] in LEARNS_MORE or n_params == case["params"], f"{n_params} parameters"
    if "class Net" in text:
        tried(seen, case["shapes"], case["names"])
    else:
        shapes = []
        for layer in net:
            layer.register_forward_hook(lambda _, __, output: shapes.append(list(output.shape)))
        net(torch.zeros(case["shapes"][0], device="cpu" if case["small"] else "meta"))
        left = iter(shapes)
        assert all(shape in left for shape in case["shapes"][1:]), f"{shapes}"
    if not case["small"]:
        return None
    with torch.no_grad():
        for name, weight in [*net.named_parameters(), *net.named_buffers()]:
            if weight.is_floating_point():
                weight.fill_(constant(name))
        if case["name"] in LEARNS_MORE:
            return None
        return net(*map(torch.from_numpy, inputs(case))).numpy()


def keras(text, case):
    namespace, _ = executed(text, case, "")
    net = namespace["net"]
    tried(namespace, case["shapes"], case["names"], last_too=True)
    n_params = sum(int(numpy.prod(weight.shape)) for weight in net.trainable_weights)
    assert n_params == case["params"], f"{n_params} parameters"
    if not case["small"]:
        return None
    for weight in net.weights:
        weight.assign(numpy.full(weight.shape, constant(weight.path), "float32"))
    given = [x.transpose(0, 2, 3, 1) if x.ndim == 4 else x for x in inputs(case)]
    return numpy.asarray(net(given[0] if len(given) == 1 else given))


def jax(text, case):
    import jax

    def run():
        namespace, seen = executed(text, case, "net")
        tried(seen, case["shapes"], case["names"])
        assert list(namespace["y"].shape) == case["shapes"][-1]
        shapes = [shape for name, shape in namespace["shapes"].items() if not name.endswith((".mean", ".var"))]
        n_params = sum(int(numpy.prod(shape)) for shape in shapes)
        assert n_params == case["params"], f"{n_params} parameters"
        return namespace["y"]

    jax.eval_shape(run)
    if not case["small"]:
        return None
    namespace, _ = executed(text, case, "net")
    weights = {name: numpy.full(shape, constant(name), "float32") for name, shape in namespace["shapes"].items()}
    return numpy.asarray(namespace["net"](weights, *map(jax.numpy.asarray, inputs(case))))


def onnx(text, case):
    import onnx as library
    import onnxruntime

    model = library.parser.parse_model(text)
    library.checker.check_model(model)
    model = library.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    graph = model.graph
    shapes = {
        info.name: [size.dim_value for size in info.type.tensor_type.shape.dim]
        for info in [*graph.input, *graph.value_info, *graph.output]
    }
    for name, shape in zip(case["names"], case["shapes"]):
        parts = {name: shape}
        if shape and isinstance(shape[0], list):
            parts = {f"{name}__part{index}": part for index, part in enumerate(shape)}
        for part, expected in parts.items():
            # Of this operator, which is a function of others, the library infers no shapes; it is run below.
            unknown = "GroupNormalization" in text and case["small"] and not shapes.get(part)
            assert unknown or shapes.get(part) == expected, f"{part} is {shapes.get(part)}, expected {expected}"
    given = [case["names"][index] for index in case["given"]]
    learned = [info.name for info in graph.input if info.name not in given]
    counted = [name for name in learned if not name.endswith(("__mean", "__var"))]
    n_params = sum(int(numpy.prod(shapes[name])) for name in counted)
    assert n_params == case["params"], f"{n_params} parameters"
    if not case["small"]:
        return None
    feeds = {name: numpy.full(shapes[name], constant(name), "float32") for name in learned}
    feeds.update(zip(given, inputs(case)))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)[0]


RUN = {"PyTorch": pytorch, "Keras": keras, "JAX": jax, "ONNX": onnx}


def write(folder, cases):
    """One network a line, with the hash of each text or why there is none; small texts whole, for readers."""
    folder.mkdir(parents=True, exist_ok=True)
    versions = {name: importlib.metadata.version(name).split("+")[0] for name in PACKAGES}
    lines = []
    for case in cases:
        texts = {name: text.get("hash") or {"refusal": text["refusal"]} for name, text in case["texts"].items()}
        lines.append(json.dumps({"name": case["name"], **texts}, ensure_ascii=False))
    body = ",\n".join(lines)
    path = folder / "index.json"
    path.write_text(f'{{"versions": {json.dumps(versions)},\n"cases": [\n{body}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
