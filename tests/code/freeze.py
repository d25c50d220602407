"""Runs our snippets in the frameworks that they are for, compares what comes out, and freezes both.

    cargo run -p convscope-page --example snippets > cases.json
    python tests/code/freeze.py cases.json tests/data/code

Each snippet is run as it stands, in a namespace of its own, and its `y` compared with the core's output. Nothing
is written where one differs. `--check` writes nothing at all: with `KERAS_BACKEND` it asks Keras's other backends.
`--only Keras` runs one framework. Keras gives the same on JAX and TensorFlow; on PyTorch `avg-same` differs, where
that backend counts padding of unequal sides, which the snippet says.
"""

import argparse
import contextlib
import importlib
import importlib.metadata
import io
import json
import os
import pathlib
import sys
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")

PACKAGES = {
    "PyTorch": ["torch"],
    "Keras": ["keras", "jax", "numpy"],
    "JAX": ["jax"],
    "ONNX": ["onnx", "onnxruntime", "numpy"],
}
RTOL, ATOL = 1e-5, 1e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", choices=PACKAGES)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = json.loads(args.cases.read_text(encoding="utf-8"))
    n_failed = 0
    for framework in [args.only] if args.only else PACKAGES:
        frozen = []
        for case in cases:
            try:
                output = run(case["code"][framework], case)
            except Exception as error:  # A snippet that does not run is what we look for.
                n_failed += 1
                print(f"{framework} {case['name']}: {error}\n{case['code'][framework]}", file=sys.stderr)
                continue
            frozen.append({"name": case["name"], "code": case["code"][framework], "output": output})
        print(f"{framework}: {len(frozen)} of {len(cases)} agree")
        if n_failed == 0 and not args.check:
            write(args.folder / f"{framework.lower()}.json", framework, frozen)
    return 1 if n_failed else 0


def run(code, case):
    """The output of a snippet, as JSON; `None` for one of random numbers, of which the shape is compared."""
    import numpy

    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, case["name"], "exec"), namespace)
    y = namespace["y"]
    y = numpy.asarray(y.detach() if hasattr(y, "detach") else y)
    assert list(y.shape) == case["output_shape"], f"shape {y.shape}, expected {case['output_shape']}"
    if case["output"] is None:
        return None
    ours = numpy.array([float(value) for value in case["output"]], "float32").reshape(y.shape)
    assert numpy.allclose(y, ours, rtol=RTOL, atol=ATOL), f"{y}\nexpected\n{ours}"
    return [number(value) for value in y.ravel()]


def number(value):
    """Seven digits tell a float32 well enough for the tolerance of the tests."""
    return float(f"{value:.7g}") if abs(value) != float("inf") else "-Infinity"


def write(path, framework, frozen):
    """One case a line, so that a change shows which."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES[framework]}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in frozen)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
