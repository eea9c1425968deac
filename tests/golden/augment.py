"""Makes the expected pixels of tests/golden/augment: each operator of torchvision 0.14.1 on Pillow images, and its policies' magnitudes.

Run: /usr/bin/python3 tests/golden/augment.py   (Debian's python3-torchvision 0.14.1, torch 1.13, Pillow 9.4, numpy)
cases.json lists operator, source picture, parameters and interpolation in the order in which results.npy holds the pixels.
"""
import json
import math
import os

import numpy as np
import torch
import torchvision.transforms.autoaugment as policies
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "augment")
os.makedirs(HERE, exist_ok=True)


def noisy(width, height, seed):
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 128 + 100 * np.sin(x / 3.0) * np.cos(y / 4.0)
    green = 255.0 * x / width
    blue = 255.0 * ((x // 4 + y // 4) % 2)
    return np.clip(np.stack([red, green, blue], -1) + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


SOURCES = {
    "wide": noisy(23, 17, 0),
    "square": noisy(20, 20, 1),
    "low": (noisy(18, 21, 2) // 6 + 90).astype(np.uint8),
    "flat": np.full((9, 11, 3), (40, 90, 200), np.uint8),
    "one": noisy(1, 1, 3),
}
# Every level of red against steps of green and blue: hue has many branches.
levels = np.arange(256, dtype=np.uint8)
SOURCES["hues"] = np.stack([np.repeat(levels[None], 24, 0), np.repeat((np.arange(24, dtype=np.uint8) * 11)[:, None], 256, 1),
                            np.repeat(levels[None, ::-1] // 3, 24, 0)], -1)

cases, results = [], []


def case(operator, source, parameters, image, interpolation=None):
    cases.append({"operator": operator, "source": source, "parameters": [float(p) for p in parameters], "interpolation": interpolation})
    results.append(np.asarray(image, dtype=np.uint8).ravel())


def geometric(name, picture):
    for interpolation in (InterpolationMode.BILINEAR, InterpolationMode.NEAREST):
        how = {"interpolation": interpolation}
        for angle in (0, 1.5, -30, 45, 90, 135, -135, 180, 270):
            case("rotate", name, [angle], F.rotate(picture, angle, **how), interpolation.value)
        for shear in (0.0, 0.033, -0.3, 0.99):
            tilt = math.degrees(math.atan(shear))
            case("shearX", name, [shear], F.affine(picture, 0.0, [0, 0], 1.0, [tilt, 0.0], center=[0, 0], **how), interpolation.value)
            case("shearY", name, [shear], F.affine(picture, 0.0, [0, 0], 1.0, [0.0, tilt], center=[0, 0], **how), interpolation.value)
        for shift in (0.0, 3.7, -5.2, 32.0):
            case("translateX", name, [shift], F.affine(picture, 0.0, [int(shift), 0], 1.0, [0.0, 0.0], **how), interpolation.value)
            case("translateY", name, [shift], F.affine(picture, 0.0, [0, int(shift)], 1.0, [0.0, 0.0], **how), interpolation.value)
        for scale in (0.5, 0.8, 1.0, 1.37, 2.0):
            case("scale", name, [scale], F.affine(picture, 0.0, [0, 0], scale, [0.0, 0.0], **how), interpolation.value)
    case("horizontalFlip", name, [], F.hflip(picture))
    case("verticalFlip", name, [], F.vflip(picture))
    width, height = picture.size
    if width > 4:
        for x, y, w, h in ((0, 0, width, height), (2, 1, width // 2, height // 2), (width - 4, height - 3, 4, 3)):
            case("crop", name, [x, y, w, h], F.resized_crop(picture, y, x, h, w, [height, width], InterpolationMode.BILINEAR))


def colour(name, picture):
    for magnitude in (0.0, 0.3, -0.3, 0.9, -0.9, 0.99, -0.99, -1.0, 0.5280000567436218):
        case("brightness", name, [magnitude], F.adjust_brightness(picture, 1.0 + magnitude))
        case("contrast", name, [magnitude], F.adjust_contrast(picture, 1.0 + magnitude))
        case("saturation", name, [magnitude], F.adjust_saturation(picture, 1.0 + magnitude))
        case("sharpness", name, [magnitude], F.adjust_sharpness(picture, 1.0 + magnitude))
    for hue in (0.0, 0.004, 0.1, 0.25, 0.5, -0.1, -0.333, -0.5):
        case("hue", name, [hue], F.adjust_hue(picture, hue))
    for bits in (8, 7, 6, 5, 4, 3, 2, 1, 0):
        case("posterize", name, [bits], F.posterize(picture, bits))
    for threshold in (255.0, 246.5, 128.0, 100.25, 0.0):
        case("solarize", name, [threshold], F.solarize(picture, threshold))
    case("grey", name, [], F.to_grayscale(picture, 3))
    case("autocontrast", name, [], F.autocontrast(picture))
    case("equalize", name, [], F.equalize(picture))
    case("invert", name, [], F.invert(picture))
    if min(picture.size) > 6:
        for radius, sigma in ((1, 0.5), (2, 1.0), (3, 2.0), (6, 2.0)):
            case("blur", name, [radius, sigma], F.gaussian_blur(picture, 2 * radius + 1, sigma))


def hues(name, picture):
    for hue in (0.0, 0.1, 0.5, -0.1, -0.333):
        case("hue", name, [hue], F.adjust_hue(picture, hue))
    case("grey", name, [], F.to_grayscale(picture, 3))
    case("saturation", name, [-0.37], F.adjust_saturation(picture, 0.63))


def erased(name, picture):
    """RandomErasing's own part; where the rectangle lies is drawn by each side itself."""
    for x, y, w, h in ((2, 3, 5, 4), (0, 0, 1, 1)):
        value = torch.tensor([10, 20, 30], dtype=torch.uint8)[:, None, None]
        tensor = F.erase(F.pil_to_tensor(picture), y, x, h, w, value)
        case("erase", name, [x, y, w, h], F.to_pil_image(tensor))


def spaces():
    """Each policy's operators with their magnitudes by bin, at 32 x 24 pixels."""
    wanted = {
        "trivial": policies.TrivialAugmentWide()._augmentation_space(31),
        "rand": policies.RandAugment()._augmentation_space(31, (24, 32)),
        "auto": policies.AutoAugment()._augmentation_space(10, (24, 32)),
        "augmix": policies.AugMix()._augmentation_space(10, (24, 32)),
    }
    return {policy: [{"operator": name, "magnitudes": [float(v) for v in values] if values.ndim > 0 else [], "signed": signed}
                     for name, (values, signed) in space.items()] for policy, space in wanted.items()}


def pairs(policy):
    return [[{"operator": name, "probability": probability, "bin": -1 if magnitude is None else magnitude} for name, probability, magnitude in pair]
            for pair in policies.AutoAugment(policy).policies]


def mixed():
    """MixUp and CutMix of torchvision's training reference (references/classification/transforms.py, BSD 3-Clause) with a given lambda."""
    batch = torch.from_numpy(np.random.RandomState(5).randint(0, 256, (3, 3, 6, 8)).astype(np.float32))
    target = torch.nn.functional.one_hot(torch.tensor([2, 0, 1]), 3).float()
    share = 0.3
    rolled = batch.roll(1, 0)
    up = batch * share + rolled * (1 - share)
    logits = torch.from_numpy(np.random.RandomState(6).normal(size=(3, 3)).astype(np.float32))
    soft = target * share + target.roll(1, 0) * (1 - share)
    loss = torch.nn.functional.cross_entropy(logits, soft, label_smoothing=0.1)
    return {"batch": batch.ravel().tolist(), "share": share, "mixup": up.ravel().tolist(), "logits": logits.ravel().tolist(),
            "labels": [2, 0, 1], "targets": soft.ravel().tolist(), "loss": float(loss)}


if __name__ == "__main__":
    for key, pixels in SOURCES.items():
        np.save(os.path.join(HERE, f"source_{key}.npy"), pixels)
        image = Image.fromarray(pixels)
        if key != "hues":
            geometric(key, image)
            colour(key, image)
        else:
            hues(key, image)
        if key == "wide":
            erased(key, image)
    np.save(os.path.join(HERE, "results.npy"), np.concatenate(results))
    with open(os.path.join(HERE, "cases.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(one) for one in cases) + "\n]\n")
    with open(os.path.join(HERE, "policies.json"), "w") as file:
        json.dump({"spaces": spaces(), "imageNet": pairs(policies.AutoAugmentPolicy.IMAGENET), "cifar10": pairs(policies.AutoAugmentPolicy.CIFAR10),
                   "mixing": mixed()}, file, indent=1)
    print(len(cases), "cases,", sum(r.size for r in results), "bytes")
