"""The Pillow side of the decode benchmark: what torchvision's transforms do, without its overhead."""
import hashlib
import io
import math
import random
import time

from PIL import Image


def crop_box(width, height, rng, area=(0.35, 1.0), aspect=(3 / 4, 4 / 3)):
    """torchvision's RandomResizedCrop.get_params."""
    for _ in range(10):
        target = width * height * rng.uniform(*area)
        ratio = math.exp(rng.uniform(math.log(aspect[0]), math.log(aspect[1])))
        w, h = int(round(math.sqrt(target * ratio))), int(round(math.sqrt(target / ratio)))
        if 0 < w <= width and 0 < h <= height:
            y, x = rng.randint(0, height - h), rng.randint(0, width - w)
            return x, y, x + w, y + h
    return 0, 0, width, height


def train(contents, seed):
    rng = random.Random(seed)
    began = time.perf_counter()
    for content in contents:
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", (224, 224))
        image = image.convert("RGB")
        image = image.crop(crop_box(*image.size, rng)).resize((224, 224), Image.BILINEAR)
        if rng.random() < 0.5:
            image = image.transpose(Image.FLIP_LEFT_RIGHT)
        image.tobytes()
    return time.perf_counter() - began, ""


def evaluate(contents, _):
    digest = hashlib.sha256()
    began = time.perf_counter()
    for content in contents:
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", (256, 256))
        image = image.convert("RGB")
        width, height = image.size
        size = (256, int(256 * height / width)) if width <= height else (int(256 * width / height), 256)
        image = image.resize(size, Image.BILINEAR)
        left, top = int(round((size[0] - 224) / 2.0)), int(round((size[1] - 224) / 2.0))
        digest.update(image.crop((left, top, left + 224, top + 224)).tobytes())
    return time.perf_counter() - began, digest.hexdigest()


def decode(contents, _):
    began = time.perf_counter()
    for content in contents:
        Image.open(io.BytesIO(content)).convert("RGB")
    return time.perf_counter() - began, ""


JOBS = {"train": train, "evaluate": evaluate, "decode": decode}
