"""Golden Grad-CAM maps (Selvaraju et al. 2017), written to gradcam.json beside this file.

Run with Debian's Python:  /usr/bin/python3 tests/golden/gradcam.py
Made with torch 1.13 and torchvision 0.14.1, in float64. First a tiny network whose weights are in the file; then one network of each family with the
weights of models.py's formula, the maps taken where torchvision's forward pools the last convolution stage.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional

import models

SIDE, CLASSES, STEP = 96, 10, 97
FAMILIES = ["resnet18", "resnet50", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "mobilenet_v3_small", "convnext_tiny", "resnet18_small"]


def heat(maps_of, head, picture, classes):
    """The definition: maps weighted by their mean gradient of the class's logit, positive part, largest value 1, resized to the picture."""
    maps = maps_of(picture).detach().requires_grad_(True)
    logits = head(maps)
    gradient, = torch.autograd.grad(logits[torch.arange(len(classes)), classes].sum(), maps)
    weighed = torch.relu((gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True)).detach()
    largest = weighed.amax((1, 2, 3), keepdim=True)
    scaled = torch.where(largest > 0, weighed / largest, weighed)
    return functional.interpolate(scaled, size=picture.shape[2:], mode="bilinear", align_corners=False)[:, 0]


def tiny():
    torch.manual_seed(3)
    features = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(4, 5, 3, stride=2, padding=1), nn.ReLU()).double()
    fc = nn.Linear(5, 3).double()
    picture = torch.rand(3, 3, 12, 12, dtype=torch.float64) * 2 - 1
    classes = torch.tensor([0, 1, 2])
    result = heat(features, lambda m: fc(m.mean((2, 3))), picture, classes)

    # A class that nothing speaks for: weights below zero on maps that are never negative.
    with torch.no_grad():
        dead = nn.Linear(5, 3).double()
        dead.weight.copy_(-fc.weight.abs())
    nothing = heat(features, lambda m: dead(m.mean((2, 3))), picture, classes)
    assert float(nothing.max()) == 0 and float(result.max()) > 0.9
    weights = {**{f"features.{k}": v.flatten().tolist() for k, v in features.state_dict().items()},
               **{f"fc.{k}": v.flatten().tolist() for k, v in fc.state_dict().items()}}
    return {"weights": weights, "picture": picture.flatten().tolist(), "classes": classes.tolist(), "heat": result.flatten().tolist()}


def family(name):
    model = models.build(name, CLASSES).eval()
    state = {key: models.formula(key, value.shape) for key, value in model.state_dict().items()}
    model.load_state_dict(state)
    model.double()
    picture = torch.from_numpy(models.uniform("input", 2 * 3 * SIDE * SIDE)).float().double().reshape(2, 3, SIDE, SIDE)
    if name.startswith("resnet"):
        maps = nn.Sequential(*list(model.children())[:-2])
        head = lambda m: model.fc(torch.flatten(model.avgpool(m), 1))
    elif name.startswith("densenet"):
        maps = lambda x: torch.relu(model.features(x))
        head = lambda m: model.classifier(m.mean((2, 3)))
    elif name.startswith("convnext"):
        maps, head = model.features, lambda m: model.classifier(model.avgpool(m))
    else:
        maps, head = model.features, lambda m: model.classifier(torch.flatten(model.avgpool(m), 1))
    assert torch.allclose(head(maps(picture)), model(picture))
    result = heat(maps, head, picture, torch.tensor([2, 7]))
    return {"name": name, "sums": result.sum((1, 2)).tolist(), "values": result.flatten()[::STEP].tolist()}


def main():
    target = pathlib.Path(__file__).with_name("gradcam.json")
    target.write_text(json.dumps({"madeWith": f"torch {torch.__version__}", "side": SIDE, "step": STEP, "tiny": tiny(),
                                  "families": [family(name) for name in FAMILIES]}) + "\n")


main()
