"""Golden figures for Sightline.Curation, written to curation.json beside this file, with the pictures in curation/.

Run with Debian's Python:  /usr/bin/python3 tests/golden/curation.py
Made with Pillow 9.4.0, numpy 1.24.2, scipy 1.10.1. Pictures are drawn by seeded numpy.

Outside truth: Pillow for resizing, luma, edges, histograms and entropy, scipy for the DCT, numpy for percentiles. The perceptual hash follows
imagededup (imagededup/methods/hashing.py, class PHash), the properties cleanvision (src/cleanvision/issue_managers/image_property.py).
"""
import json
import pathlib

import numpy as np
from PIL import Image, ImageFilter, ImageStat
from scipy.fftpack import dct

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "curation"
TURNS = [
    lambda a: a,
    lambda a: a[:, ::-1],
    lambda a: a[::-1],
    lambda a: a[::-1, ::-1],
    lambda a: a.T,
    lambda a: a.T[:, ::-1],
    lambda a: a.T[::-1],
    lambda a: a.T[::-1, ::-1],
]


def scene(rng, width, height, low=0, high=255):
    """Soft blobs of colour with some grain: it has structure at all scales, as a photo has."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.zeros((height, width, 3))
    for _ in range(9):
        cx, cy = rng.uniform(0, width), rng.uniform(0, height)
        radius = rng.uniform(0.08, 0.35) * max(width, height)
        blob = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius**2))
        picture += blob[..., None] * rng.uniform(-1, 1, 3)
    picture += rng.normal(0, 0.04, picture.shape)
    picture = (picture - picture.min()) / (picture.max() - picture.min())
    return Image.fromarray(np.round(low + picture * (high - low)).astype(np.uint8))


def bits(matrix):
    """Hash of a 32 x 32 luma."""
    low = dct(dct(matrix.astype(float), axis=0), axis=1)[:8, :8]
    mask = low >= np.median(low.flatten()[1:])
    return "".join("%02x" % byte for byte in np.packbits(mask))


def hashes(image):
    luma = np.asarray(image.resize((32, 32), Image.LANCZOS).convert("L"))
    return [bits(turn(luma)) for turn in TURNS] if luma.std() >= 2 else []


def brightness(image):
    pixels = np.asarray(image.convert("RGB")).astype(float)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return np.sqrt(0.241 * red**2 + 0.691 * green**2 + 0.068 * blue**2) / 255


def sharpness(image):
    ratio = max(image.size) / 64
    if ratio > 1:
        image = image.resize((max(int(image.width // ratio), 1), max(int(image.height // ratio), 1)))
    luma = image.convert("L")
    edges = np.sqrt(ImageStat.Stat(luma.filter(ImageFilter.FIND_EDGES)).var[0])
    spread = 1 - np.exp(-0.01 * np.std(luma.histogram()))
    return min(1 - np.exp(-0.01 * edges) + (0 if spread <= 0.18 else spread), 1)


def main():
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(11)
    base = scene(rng, 90, 120)
    pictures = {
        "scene.png": base,
        "wide.png": scene(rng, 150, 48),
        "square.png": scene(rng, 64, 64),
        "small.png": scene(rng, 21, 17),
        "dark.png": scene(rng, 80, 60, 0, 60),
        "light.png": scene(rng, 80, 60, 244, 255),
        "blurred.png": base.filter(ImageFilter.GaussianBlur(4)),
        "grey.png": base.convert("L"),
        "flat.png": Image.new("RGB", (40, 30), (90, 120, 200)),
        "strip.png": Image.new("RGB", (60, 2), (10, 200, 90)),
        "half.png": base.resize((45, 60), Image.BILINEAR),
        "mirrored.png": base.transpose(Image.FLIP_LEFT_RIGHT),
        "turned.png": base.transpose(Image.ROTATE_270),
    }
    rows = []
    for name, image in pictures.items():
        image.save(FOLDER / name, optimize=True)
        light = brightness(image)
        rows.append({
            "name": name,
            "hashes": hashes(image),
            "mean": float(light.mean()),
            "p5": float(np.percentile(light, 5)),
            "p99": float(np.percentile(light, 99)),
            "sharpness": float(sharpness(image)),
            "entropy": float(image.entropy()),
            "grey": image.mode == "L",
        })
    (HERE / "curation.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
