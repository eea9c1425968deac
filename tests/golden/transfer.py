#!/usr/bin/python3
"""Golden figures of transfer learning: which block of a network each tensor belongs to, and fastai's learning rates.

    /usr/bin/python3 tests/golden/transfer.py        writes tests/golden/transfer.json

Names come from torchvision 0.14.1 (Debian's python3-torchvision). The patterns are those of timm's group_matcher (timm/models/resnet.py and
densenet.py, fine), applied as timm's group_with_matcher does: a pattern with a number of its own joins the group before it. timm itself is not
needed, because its ResNets and DenseNets have torchvision's names. The rates follow fastai's fine_tune and combined_cos (fastai/callback/schedule.py).
"""
import json
import math
import os
import re

import torchvision

JOIN = 99999.0
PATTERNS = {
    "resnet18": [(0.0, r"^conv1|bn1|maxpool", None), (1.0, r"^layer(\d+)\.(\d+)", None)],
    "resnet50": [(0.0, r"^conv1|bn1|maxpool", None), (1.0, r"^layer(\d+)\.(\d+)", None)],
    "densenet121": [(0.0, r"^features\.conv[012]|features\.norm[012]|features\.pool[012]", None),
                    (1.0, r"^features\.denseblock(\d+)\.denselayer(\d+)", None), (1.0, r"^features\.transition(\d+)", JOIN)],
}


def key(name, patterns):
    for ordinal, pattern, suffix in patterns:
        match = re.match(pattern, name)
        if match:
            return (ordinal, *map(float, match.groups())) + ((suffix,) if suffix is not None else ())
    return (float("inf"),)


def blocks(model):
    names = [name for name, _ in getattr(torchvision.models, model)(num_classes=10).named_parameters()]
    keys = {name: key(name, PATTERNS[model]) for name in names}
    place, places = -1, {}
    for group in sorted(set(keys.values())):
        if place < 0 or group[-1] != JOIN:
            place += 1
        places[group] = place
    return {name: places[keys[name]] for name in names}


def cosine(start, end, place):
    return start + (1 + math.cos(math.pi * (1 - place))) * (end - start) / 2


def cycle(place, peak, top, div, final=1e5):
    return cosine(peak / div, peak, place / top) if place < top else cosine(peak, peak / final, (place - top) / (1 - top))


def fine_tune(peak, frozen, total):
    first = [cycle(step / frozen, peak, 0.99, 25) for step in range(frozen)]
    rest = total - frozen
    return first + [cycle(step / rest, peak / 2, 0.3, 5) for step in range(rest)]


if __name__ == "__main__":
    result = {"blocks": {model: blocks(model) for model in PATTERNS},
              "rates": {"peak": 2e-3, "frozenSteps": 7, "totalSteps": 40, "values": fine_tune(2e-3, 7, 40)}}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "transfer.json"), "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")
