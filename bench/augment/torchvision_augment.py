"""The torchvision side of the augmentation benchmark: functional operators and the training preset on Pillow images, one thread."""
import io
import math
import time

import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

BILINEAR = InterpolationMode.BILINEAR


def crop(image, area):
    side = int(round(224 * math.sqrt(area)))
    top, left = torch.randint(224 - side + 1, (2,)).tolist()
    return F.resized_crop(image, top, left, side, side, [224, 224], BILINEAR)


def tilt(slope):
    return math.degrees(math.atan(slope))


# Name and magnitude as Sightline takes them, and the same act in torchvision.
OPERATORS = {
    "rotate": (20.0, lambda i, m: F.rotate(i, m, BILINEAR)),
    "shearX": (0.3, lambda i, m: F.affine(i, 0.0, [0, 0], 1.0, [tilt(m), 0.0], BILINEAR, center=[0, 0])),
    "shearY": (0.3, lambda i, m: F.affine(i, 0.0, [0, 0], 1.0, [0.0, tilt(m)], BILINEAR, center=[0, 0])),
    "translateX": (20.0, lambda i, m: F.affine(i, 0.0, [int(m), 0], 1.0, [0.0, 0.0], BILINEAR)),
    "translateY": (20.0, lambda i, m: F.affine(i, 0.0, [0, int(m)], 1.0, [0.0, 0.0], BILINEAR)),
    "scale": (0.5, lambda i, m: F.affine(i, 0.0, [0, 0], 2.0 ** m, [0.0, 0.0], BILINEAR)),
    "crop": (0.35, crop),
    "horizontalFlip": (0.0, lambda i, m: F.hflip(i)),
    "verticalFlip": (0.0, lambda i, m: F.vflip(i)),
    "brightness": (0.4, lambda i, m: F.adjust_brightness(i, 1 + m)),
    "contrast": (0.4, lambda i, m: F.adjust_contrast(i, 1 + m)),
    "saturation": (0.4, lambda i, m: F.adjust_saturation(i, 1 + m)),
    "hue": (0.1, F.adjust_hue),
    "grey": (0.0, lambda i, m: F.to_grayscale(i, 3)),
    "blur": (1.0, lambda i, m: F.gaussian_blur(i, 2 * math.ceil(3 * m) + 1, m)),
    "sharpness": (0.4, lambda i, m: F.adjust_sharpness(i, 1 + m)),
    "posterize": (4.0, lambda i, m: F.posterize(i, int(m))),
    "solarize": (128.0, F.solarize),
    "autocontrast": (0.0, lambda i, m: F.autocontrast(i)),
    "equalize": (0.0, lambda i, m: F.equalize(i)),
    "invert": (0.0, lambda i, m: F.invert(i)),
}

# torchvision 0.14.1, references/classification/presets.py; loading as its ImageFolder does.
STANDARD = T.Compose([
    T.RandomResizedCrop(224, interpolation=BILINEAR), T.RandomHorizontalFlip(), T.TrivialAugmentWide(interpolation=BILINEAR),
    T.PILToTensor(), T.ConvertImageDtype(torch.float), T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
])


def square(content):
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return F.center_crop(F.resize(image, 224), 224)


def operator(name, squares):
    magnitude, act = OPERATORS[name]
    began = time.perf_counter()
    for image in squares:
        act(image, magnitude)
    return time.perf_counter() - began


def pipeline(contents, seed, draft):
    """draft asks libjpeg for a reduced picture first, which torchvision's loader does not do but a careful user may."""
    torch.manual_seed(seed)
    began = time.perf_counter()
    for start in range(0, len(contents), 32):
        batch = []
        for content in contents[start:start + 32]:
            image = Image.open(io.BytesIO(content))
            if draft:
                image.draft("RGB", (224, 224))
            batch.append(STANDARD(image.convert("RGB")))
        torch.stack(batch)
    return time.perf_counter() - began
