"""Writes networks as people paste them: what print(model), torchinfo and torchsummary show.

    python tests/code/tables.py tests/data/text

Beside each text stands what the network is: input size, parameters and multiply-adds of torch itself, in `index.json`.
"""

import contextlib
import io
import json
import pathlib
import sys

import torch
import torchinfo
import torchsummary
import torchvision
from torch import nn


def small():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.1),
        nn.Conv2d(8, 16, (5, 3), stride=(2, 1), dilation=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


NETS = {
    "small": (small, 32),
    "resnet18": (torchvision.models.resnet18, 224),
    "resnet50": (torchvision.models.resnet50, 224),
    "vgg16": (torchvision.models.vgg16, 224),
    "mobilenet_v2": (torchvision.models.mobilenet_v2, 224),
    "alexnet": (torchvision.models.alexnet, 224),
}


# Of these one form each, which says what others do not.
SOME = {
    "squeezenet1_1": (torchvision.models.squeezenet1_1, 224, ["torchinfo", "torchsummary"]),
    "shufflenet_v2_x0_5": (torchvision.models.shufflenet_v2_x0_5, 224, ["torchinfo-depth"]),
    "inception_v3": (torchvision.models.inception_v3, 299, ["printed"]),
    "convnext_tiny": (torchvision.models.convnext_tiny, 224, ["printed"]),
    "resnext50_32x4d": (torchvision.models.resnext50_32x4d, 224, ["torchsummary"]),
}
COLUMNS = ("input_size", "output_size", "num_params", "kernel_size", "mult_adds")


def parameters(model):
    """Without classifiers that are used in training alone, and without what is printed nowhere."""
    left_out = ("AuxLogits.", "layer_scale")
    return sum(it.numel() for name, it in model.named_parameters() if not any(word in name for word in left_out))


def macs(model, size):
    total = 0

    def count(layer, _, output):
        nonlocal total
        weight = layer.weight
        per_output = weight[0].numel()
        total += output.numel() * per_output

    hooks = [
        layer.register_forward_hook(count)
        for layer in model.modules()
        if isinstance(layer, (nn.Conv2d, nn.Linear))
    ]
    with torch.no_grad():
        model(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return total


def main():
    folder = pathlib.Path(sys.argv[1])
    index = {}
    every = {name: (make, size, None) for name, (make, size) in NETS.items()}
    for name, (make, size, forms) in {**every, **SOME}.items():
        model = make().eval()
        texts = {"printed": str(model) + "\n"}
        texts["torchinfo"] = str(torchinfo.summary(model, (1, 3, size, size), verbose=0)) + "\n"
        if name in ("mobilenet_v2", "shufflenet_v2_x0_5"):
            deep = torchinfo.summary(model, (1, 3, size, size), depth=8, verbose=0)
            texts["torchinfo-depth"] = str(deep) + "\n"
        if name == "alexnet":
            wide = torchinfo.summary(
                model, (1, 3, size, size), verbose=0, col_names=COLUMNS, row_settings=("var_names",)
            )
            texts["torchinfo-columns"] = str(wide) + "\n"
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            torchsummary.summary(model, (3, size, size), device="cpu")
        texts["torchsummary"] = output.getvalue()
        for kind, text in texts.items():
            if forms and kind not in forms:
                continue
            (folder / f"{name}.{kind}.txt").write_text(text, encoding="utf-8")
        index[name] = {"size": size, "params": parameters(model), "macs": macs(model, size)}
    versions = {it.__name__: it.__version__ for it in (torch, torchvision, torchinfo)}
    index = {"versions": {**versions, "torchsummary": "1.5.1"}, "nets": index}
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
