"""Makes the sources of the import tests with Python's own zipfile, tarfile and csv, and Pillow. Run: /usr/bin/python3 tests/golden/import.py

train-00000-of-00001.parquet is not made here: ParquetSharp 25.0.1.2 (Apache Arrow's C++ writer) wrote it, with Snappy, two row groups of
three rows, the struct image {bytes, path}, the column label (int64: 0 1 0 1 0 1) and the metadata key "huggingface" with the class names
cat and dog. Its pictures are picture(0) to picture(5).
"""
import csv, io, json, os, tarfile, zipfile
from PIL import Image

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
ZIP_TIME = (2026, 1, 1, 0, 0, 0)


def picture(i):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (40 * i, 10, 200 - 20 * i)).save(buffer, "PNG")
    return buffer.getvalue()


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def link(tar, name, kind, target):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    tar.addfile(info)


FILES = {f"set/{split}/{label}/deep/{i}.png": i for i, (split, label) in enumerate(
    [("train", "cat"), ("train", "dog"), ("train", "cat"), ("val", "dog"), ("test", "cat"), ("test", "dog")])}

with zipfile.ZipFile(f"{HERE}/folders.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for name, i in FILES.items():
        z.writestr(zipfile.ZipInfo(name, ZIP_TIME), picture(i), zipfile.ZIP_DEFLATED)

with tarfile.open(f"{HERE}/folders.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as t:
    for name, i in FILES.items():
        add(t, name, picture(i))

# Shards of WebDataset (key.png beside key.cls); the last sample lacks its label.
for shard, first in (("train-000000", 0), ("val-000000", 3)):
    with tarfile.open(f"{HERE}/shards/{shard}.tar", "w", format=tarfile.USTAR_FORMAT) as t:
        for i in range(first, first + 3):
            add(t, f"sample{i:04d}.png", picture(i))
            if i != 5:
                add(t, f"sample{i:04d}.cls", str(i % 2).encode())

# CIFAR-10's binary version with two records a file: label, 1024 red, 1024 green, 1024 blue.
def record(label, i):
    return bytes([label]) + bytes((i + p) % 256 for p in range(1024)) + bytes((2 * i + p) % 256 for p in range(1024)) + bytes((3 * i) % 256 for _ in range(1024))


NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
with tarfile.open(f"{HERE}/cifar-10-binary.tar.gz", "w:gz") as t:
    add(t, "cifar-10-batches-bin/batches.meta.txt", ("\n".join(NAMES) + "\n\n").encode())
    add(t, "cifar-10-batches-bin/data_batch_1.bin", record(9, 1) + record(0, 2))
    add(t, "cifar-10-batches-bin/data_batch_2.bin", record(3, 3) + record(5, 4))
    add(t, "cifar-10-batches-bin/test_batch.bin", record(3, 5) + record(0, 6))

# Hostile archives.
with zipfile.ZipFile(f"{HERE}/escape.zip", "w") as z:
    z.writestr(zipfile.ZipInfo("cat/0.png", ZIP_TIME), picture(0))
    z.writestr(zipfile.ZipInfo("../escaped.png", ZIP_TIME), picture(1))
with zipfile.ZipFile(f"{HERE}/link.zip", "w") as z:
    info = zipfile.ZipInfo("cat/link.png", ZIP_TIME)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    z.writestr(info, "/etc/passwd")
with tarfile.open(f"{HERE}/escape.tar", "w") as t:
    add(t, "cat/../../escaped.png", picture(0))
with tarfile.open(f"{HERE}/absolute.tar", "w") as t:
    add(t, "/tmp/escaped.png", picture(0))
with tarfile.open(f"{HERE}/symlink.tar", "w") as t:
    link(t, "cat", tarfile.SYMTYPE, "/tmp")
    add(t, "cat/0.png", picture(0))
with tarfile.open(f"{HERE}/hardlink.tar", "w") as t:
    link(t, "cat/0.png", tarfile.LNKTYPE, "/etc/passwd")
with tarfile.open(f"{HERE}/device.tar", "w") as t:
    link(t, "cat/0.png", tarfile.CHRTYPE, "")

# A table with names that need quotes, and a COCO file over the same pictures.
os.makedirs(f"{HERE}/table/pictures", exist_ok=True)
NAMES = ["a.png", "b, c.png", "d 'e'.png", "f.png", "g.png", "h.png"]
for i, name in enumerate(NAMES):
    open(f"{HERE}/table/pictures/{name}", "wb").write(picture(i))
with open(f"{HERE}/table/list.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["Filename", "Note", "Label", "Subset", "Group", "Date"])
    for i, name in enumerate(NAMES):
        w.writerow([f"pictures/{name}", "two\nlines" if i == 1 else 'say "x"' if i == 2 else "", "cat" if i % 2 == 0 else "big dog", ["train", "dev", "test"][i % 3], f"g{i // 2}", f"2026-01-0{i + 1}"])
json.dump({
    "info": {"year": 2026},
    "images": [{"id": 10 + i, "file_name": f"pictures/{name}", "width": 8, "height": 8} for i, name in enumerate(NAMES)],
    "annotations": [
        {"id": 1, "image_id": 10, "category_id": 7, "bbox": [0, 0, 4, 4], "area": 16, "segmentation": [[0, 0, 4, 0, 4, 4]], "iscrowd": 0},
        # Three small boxes of 3 together outweigh one of 7.
        {"id": 2, "image_id": 11, "category_id": 7, "bbox": [0, 0, 4, 4], "area": 16},
        {"id": 3, "image_id": 11, "category_id": 3, "bbox": [0, 0, 3, 2], "area": 6},
        {"id": 4, "image_id": 11, "category_id": 3, "bbox": [4, 0, 3, 2], "area": 6},
        {"id": 5, "image_id": 11, "category_id": 3, "bbox": [4, 4, 3, 2], "area": 6},
        # Equal areas: the lower id.
        {"id": 6, "image_id": 12, "category_id": 7, "bbox": [0, 0, 2, 2], "area": 4},
        {"id": 7, "image_id": 12, "category_id": 3, "bbox": [4, 4, 2, 2], "area": 4},
        {"id": 8, "image_id": 13, "category_id": 7, "bbox": [0, 0, 2, 2], "area": 4},
        {"id": 9, "image_id": 14, "category_id": 3, "bbox": [0, 0, 2, 2], "area": 4},
    ],
    "categories": [{"id": 7, "name": "ship", "supercategory": "x"}, {"id": 3, "name": "boat"}, {"id": 9, "name": "raft"}],
}, open(f"{HERE}/table/instances.json", "w"))
