"""Makes the pictures of tests/golden/images with Pillow, and beside each the RGB pixels that Pillow reads from it.

Run: /usr/bin/python3 tests/golden/images.py   (Pillow 9.4, libjpeg-turbo 2.1.5, numpy, torch 1.13, torchvision 0.14)
Expected pixels: NAME.rgb.npy, uint8 [H,W,3], after ImageOps.exif_transpose and convert("RGB").
16-bit grey is the one exception: Pillow's conversion clips at 255, so the expected value is the high byte (>> 8).
"""
import io
import os
import struct

import numpy as np
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images")
os.makedirs(HERE, exist_ok=True)


def picture(width, height, seed=0):
    """Smooth colour with edges and some noise: every part of a decoder matters."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 128 + 100 * np.sin(x / 7.0) * np.cos(y / 9.0)
    green = 255.0 * x / width
    blue = 255.0 * ((x // 8 + y // 8) % 2)
    image = np.stack([red, green, blue], -1) + rng.normal(0, 6, (height, width, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


def write(name, content, expected=None):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(content)
    if expected is None:
        image = Image.open(io.BytesIO(content))
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    np.save(os.path.join(HERE, name + ".rgb.npy"), expected)


def encode(image, format, **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def jpegs():
    odd = Image.fromarray(picture(61, 45))
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        write(f"jpeg_{name}.jpg", encode(odd, "JPEG", quality=88, subsampling=subsampling))
    write("jpeg_optimised.jpg", encode(odd, "JPEG", quality=30, optimize=True))
    write("jpeg_q100.jpg", encode(Image.fromarray(picture(24, 24)), "JPEG", quality=100, subsampling=0))
    write("jpeg_progressive.jpg", encode(odd, "JPEG", quality=80, progressive=True))
    write("jpeg_grey.jpg", encode(odd.convert("L"), "JPEG", quality=85))
    write("jpeg_cmyk.jpg", encode(odd.convert("CMYK"), "JPEG", quality=92))
    write("jpeg_restart.jpg", restarts(odd))
    write("jpeg_tiny.jpg", encode(Image.fromarray(picture(3, 2)), "JPEG", quality=90))
    write("jpeg_one.jpg", encode(Image.fromarray(picture(1, 1)), "JPEG", quality=90))
    small = Image.fromarray(picture(20, 13))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        write(f"exif_{orientation}.jpg", encode(small, "JPEG", quality=95, exif=exif.tobytes()))


def restarts(image):
    """Pillow 9.4 cannot ask for restart markers; libjpeg-turbo's cjpeg can."""
    import shutil
    import subprocess
    if shutil.which("cjpeg") is None:
        raise SystemExit("cjpeg (Debian: libjpeg-turbo-progs) is needed for the file with restart markers.")
    ppm = encode(image, "PPM")
    return subprocess.run(["cjpeg", "-quality", "85", "-restart", "2B"], input=ppm, stdout=subprocess.PIPE, check=True).stdout


def pngs():
    pixels = picture(37, 29)
    image = Image.fromarray(pixels)
    write("png_rgb.png", encode(image, "PNG"))
    alpha = np.arange(37 * 29, dtype=np.uint32).reshape(29, 37) % 256
    write("png_rgba.png", encode(Image.fromarray(np.dstack([pixels, alpha.astype(np.uint8)])), "PNG"))
    write("png_grey.png", encode(image.convert("L"), "PNG"))
    write("png_grey_alpha.png", encode(Image.merge("LA", (image.convert("L"), Image.fromarray(alpha.astype(np.uint8)))), "PNG"))
    write("png_bilevel.png", encode(image.convert("1"), "PNG"))
    palette = image.quantize(31)
    write("png_palette.png", encode(palette, "PNG"))
    write("png_palette_transparent.png", encode(palette, "PNG", transparency=bytes(range(0, 248, 8))))
    write("png_colour_key.png", encode(image, "PNG", transparency=tuple(int(v) for v in pixels[3, 3])))
    grey16 = (np.arange(37 * 29, dtype=np.uint32).reshape(29, 37) * 61 % 65536).astype(np.uint16)
    high = (grey16 >> 8).astype(np.uint8)
    write("png_grey16.png", encode(Image.fromarray(grey16), "PNG"), np.dstack([high] * 3))
    rgb16 = np.stack([grey16, np.roll(grey16, 5, 0), 65535 - grey16], -1)
    write("png_rgb16.png", png16(rgb16))
    write("png_interlaced.png", interlaced(pixels))


def chunk(kind, body):
    import zlib
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png16(pixels):
    import zlib
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)) + chunk(
        b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def interlaced(pixels):
    import zlib
    height, width, _ = pixels.shape
    rows = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        part = pixels[y0::dy, x0::dx]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)) + chunk(
        b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def others():
    pixels = picture(37, 29)
    image = Image.fromarray(pixels)
    write("webp_lossless.webp", encode(image, "WEBP", lossless=True))
    write("webp_lossy.webp", encode(image, "WEBP", quality=80))
    alpha = (np.arange(37 * 29, dtype=np.uint32).reshape(29, 37) % 256).astype(np.uint8)
    write("webp_alpha.webp", encode(Image.fromarray(np.dstack([pixels, alpha])), "WEBP", lossless=True, exact=True))
    write("bmp_rgb.bmp", encode(image, "BMP"))
    write("bmp_palette.bmp", encode(image.quantize(17), "BMP"))
    write("bmp_grey.bmp", encode(image.convert("L"), "BMP"))
    frames = [Image.fromarray(picture(37, 29, seed)).quantize(64) for seed in (1, 2, 3)]
    write("gif_frames.gif", encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40))
    write("gif_interlaced.gif", encode(frames[0], "GIF", interlace=1))
    write("gif_transparent.gif", encode(frames[1], "GIF", transparency=5))


def scaled():
    """Draft mode: the pixels of a JPEG decoded at 1/2, 1/4 and 1/8."""
    content = encode(Image.fromarray(picture(133, 101)), "JPEG", quality=88)
    with open(os.path.join(HERE, "scaled.jpg"), "wb") as file:
        file.write(content)
    for scale, ask in ((2, 50), (4, 25), (8, 12)):
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", (ask, ask))
        np.save(os.path.join(HERE, f"scaled_{scale}.rgb.npy"), np.asarray(image))


def resampled():
    """Resizing, and torchvision's evaluation transform and crops with given boxes."""
    import torchvision.transforms.functional as F
    from torchvision.transforms import InterpolationMode
    source = Image.fromarray(picture(83, 59, 4))
    np.save(os.path.join(HERE, "resample_source.npy"), np.asarray(source))
    cases = [(30, 21), (83, 20), (20, 59), (120, 99), (7, 100), (1, 1), (83, 59)]
    flat = []
    for mode in (Image.BILINEAR, Image.BICUBIC):
        for size in cases:
            flat.append(np.asarray(source.resize(size, mode)).ravel())
    np.save(os.path.join(HERE, "resample_sizes.npy"), np.array(cases, dtype=np.int64))
    np.save(os.path.join(HERE, "resample_results.npy"), np.concatenate(flat))

    modes = (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC)
    evaluation = [np.asarray(F.center_crop(F.resize(picture_, 37, interpolation=mode), 32)).ravel()
                  for mode in modes for picture_ in (source, source.transpose(Image.ROTATE_90), source.crop((0, 0, 50, 50)))]
    np.save(os.path.join(HERE, "evaluation_37_32.npy"), np.concatenate(evaluation))
    boxes = [(0, 0, 83, 59), (5, 7, 40, 30), (60, 3, 20, 50), (10, 20, 32, 32), (80, 50, 3, 9)]
    crops = [np.asarray(F.resized_crop(source, y, x, h, w, [32, 32], mode)).ravel() for mode in modes for (x, y, w, h) in boxes]
    np.save(os.path.join(HERE, "crop_boxes.npy"), np.array(boxes, dtype=np.int64))
    np.save(os.path.join(HERE, "crop_results_32.npy"), np.concatenate(crops))
    sizes = []
    for width, height in ((400, 533), (533, 400), (711, 400), (300, 301), (28, 28), (1999, 7), (97, 1013)):
        for short in (37, 232, 256):
            resized = F.resize(Image.new("L", (width, height)), short)
            top, left = int(round((resized.height - 32) / 2.0)), int(round((resized.width - 32) / 2.0))
            sizes.append((width, height, short, resized.width, resized.height, left, top))
    np.save(os.path.join(HERE, "resize_sizes.npy"), np.array(sizes, dtype=np.int64))
    padded = F.pad(Image.fromarray(picture(16, 16, 9)), [3], 0)
    np.save(os.path.join(HERE, "pad_source.npy"), picture(16, 16, 9))
    np.save(os.path.join(HERE, "pad_results.npy"), np.concatenate(
        [np.asarray(F.crop(padded, i, j, 16, 16)).ravel() for i, j in ((0, 0), (3, 3), (6, 1), (2, 6))]))


if __name__ == "__main__":
    jpegs()
    pngs()
    others()
    scaled()
    resampled()
