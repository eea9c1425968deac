"""Fine-tuning against training from scratch on a few photos per class, at equal time, mean of several seeds.

Run: dotnet build src/Sightline.Cli -c Release && /usr/bin/python3 bench/transfer/run.py [PHOTOS.tar] [--seeds 3] [--work FOLDER] [--json]
Default data: ../shared/data/photos/clothing.tar (3,781 photos of ten kinds of clothing, CC0, alexeygrigorev/clothing-dataset-small).

Six classes are for pre-training (their train folders; validation beside them). Of the four others each seed draws 20 photos per class to learn
from and 10 to choose the best epoch by; all that are left are the test. All photos are brought to a short side of 72 pixels first, so that
decoding is not what is measured. The network is resnet10_small at 64 pixels. From scratch it gets a fifth more epochs, which takes longer than
fine-tuning, with two optimisers; and once five times as many.
"""
import argparse
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = ["dress", "pants", "shoes", "skirt"]
SIDE, LEARN, CHOOSE = 72, 20, 10
MODEL = ["--model", "resnet10_small", "--size", "64"]


def unpack(tar, folder):
    """SOURCE/{train,validation}/CLASS for pre-training, TARGET/CLASS with everything of the four classes."""
    with tarfile.open(tar) as archive:
        for member in archive:
            parts = pathlib.PurePosixPath(member.name).parts[-3:]
            if not member.isfile() or len(parts) < 3 or not parts[2].endswith(".jpg"):
                continue
            split, kind, name = parts
            if kind in TARGETS:
                place = folder / "target" / kind
            elif split == "test":
                continue
            else:
                place = folder / "source" / split / kind
            place.mkdir(parents=True, exist_ok=True)
            with Image.open(archive.extractfile(member)) as picture:
                scale = SIDE / min(picture.size)
                size = [max(SIDE, round(side * scale)) for side in picture.size]
                picture.convert("RGB").resize(size, Image.BICUBIC).save(place / name.replace(".jpg", ".png"), compress_level=1)


def draw(folder, seed):
    """A few photos to learn from, a few to choose by, the rest to test on."""
    data = folder / f"few-{seed}"
    if data.exists():
        return data
    generator = random.Random(seed)
    part = folder / f"few-{seed}.part"
    for kind in TARGETS:
        files = sorted((folder / "target" / kind).iterdir())
        generator.shuffle(files)
        for split, chosen in (("train", files[:LEARN]), ("validation", files[LEARN:LEARN + CHOOSE]), ("test", files[LEARN + CHOOSE:])):
            place = part / split / kind
            place.mkdir(parents=True)
            for file in chosen:
                shutil.copy(file, place)
    part.rename(data)
    return data


def train(options, folder, data, name, arguments):
    """The result of a run; a finished one is not repeated."""
    result = folder / f"{name}.json"
    if not result.exists():
        shutil.rmtree(folder / "runs" / name, ignore_errors=True)
        command = [options.sightline, "train", str(data), *MODEL, *arguments, "--runs", str(folder / "runs"), "--name", name, "--json", "--progress", "never"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        result.write_text(done.stdout)
    return json.loads(result.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="?", default=str(ROOT.parent / "shared/data/photos/clothing.tar"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--pretrain-epochs", type=int, default=30)
    parser.add_argument("--sightline", default=None)
    parser.add_argument("--work", default=None, help="keeps data and finished runs; the next call goes on from there")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.sightline = options.sightline or str(next((ROOT / "artifacts/bin/Sightline.Cli").glob("release*/Sightline.Cli"), ROOT / "sightline"))
    folder = pathlib.Path(options.work or tempfile.mkdtemp(prefix="sightline-transfer-"))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "target").exists():
        unpack(options.photos, folder)

    first = train(options, folder, folder / "source", "pretrain", [
        "--epochs", str(options.pretrain_epochs), "--batch", "64", "--seed", "1", "--learning-rate", "0.1", "--set", "schedule.kind=oneCycle", "--set", "precision=auto"])
    weights = folder / "runs/pretrain/checkpoints/best.safetensors"
    common = ["--epochs", str(options.epochs), "--batch", "16"]
    longer = ["--epochs", str(options.epochs * 6 // 5), "--batch", "16"]
    sgd = ["--learning-rate", "0.05", "--set", "schedule.kind=oneCycle"]
    ways = {
        "fine-tune": ["--weights", str(weights), "--fine-tune", *common],
        "head only": ["--weights", str(weights), "--freeze", "backbone", "--set", "optimizer.kind=adamW", "--learning-rate", "0.002", *common],
        "scratch, AdamW": ["--set", "optimizer.kind=adamW", "--learning-rate", "0.002", "--set", "optimizer.weightDecay=0.01", "--set", "schedule.kind=oneCycle", *longer],
        "scratch, SGD": [*sgd, *longer],
        "scratch, 5 x": [*sgd, "--epochs", str(options.epochs * 5), "--batch", "16"],
    }
    rows = {way: [] for way in ways}
    for way, arguments in ways.items():
        for seed in range(1, options.seeds + 1):
            data = draw(folder, seed)
            name = f"{way.replace(', ', '-').replace(' ', '-')}-{seed}"
            rows[way].append(train(options, folder, data, name, [*arguments, "--seed", str(seed)]))

    result = {"pretrain": {"validationAccuracy": first["validationAccuracy"], "seconds": first["seconds"]}, "ways": {}}
    for way, runs in rows.items():
        result["ways"][way] = {
            "testAccuracy": [run["testAccuracy"] for run in runs],
            "mean": statistics.mean(run["testAccuracy"] for run in runs),
            "deviation": statistics.stdev(run["testAccuracy"] for run in runs) if len(runs) > 1 else 0,
            "seconds": statistics.mean(run["seconds"] for run in runs),
        }
    if options.json:
        print(json.dumps(result, indent=2))
        return 0
    print(f"pre-training: {first['validationAccuracy']:.2%} on the validation photos of its six classes, {first['seconds']:.0f} s")
    for way, row in result["ways"].items():
        print(f"{way:15} test {row['mean']:.2%} +- {row['deviation']:.2%} ({', '.join(f'{value:.2%}' for value in row['testAccuracy'])}), {row['seconds']:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
