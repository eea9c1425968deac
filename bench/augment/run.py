"""Operators and the standard training pipeline: Sightline against torchvision 0.14.1 with Pillow, one core each, rounds in turn, medians.

Run: dotnet build bench/Sightline.Benchmarks -c Release && /usr/bin/python3 bench/augment/run.py [FOLDER_OR_TAR] [--files 300] [--rounds 7] [--json]
Default data: ../shared/data/photos/clothing.tar. Both sides work on files and pictures in memory, on the same core.
Pipeline: decode, RandomResizedCrop (area 0.08 to 1) to 224, flip, TrivialAugmentWide (bilinear), normalise to float32, batches of 32.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "decode"))  # Its run.py imports pillow_decode.

import PIL
import torch
import torchvision

import torchvision_augment as theirs

SPEC = importlib.util.spec_from_file_location("decode_run", HERE.parent / "decode/run.py")
decode_run = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(decode_run)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("place", nargs="?", default=str(ROOT.parent / "shared/data/photos/clothing.tar"))
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    program = next((ROOT / "artifacts/bin/Sightline.Benchmarks").glob("release*/Sightline.Benchmarks"), None)
    if program is None:
        sys.exit("There is no Release build: dotnet build bench/Sightline.Benchmarks -c Release")
    # One core for both: neither gains from threads of its runtime.
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        paths = decode_run.pictures(options.place, scratch)[:options.files]
        contents = [open(path, "rb").read() for path in paths]
        squares = [theirs.square(content) for content in contents]
        listing = os.path.join(scratch, "files.txt")
        with open(listing, "w") as file:
            file.write("\n".join(paths))
        process = subprocess.Popen([program, "augment"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def ours(line):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        def measure(name, own, other):
            # The just-in-time compiler's last tier comes after some hundred calls of each method.
            for _ in range(5):
                own(0)
            other(0)
            times = [(own(seed), other(seed)) for seed in range(options.rounds)]
            first, second = (len(contents) / statistics.median(side) for side in zip(*times))
            return {"name": name, "sightline": round(first), "torchvision": round(second), "ratio": round(first / second, 2)}

        ours("files " + listing)
        rows = [measure("pipeline", lambda seed: ours(f"pipeline {seed}"), lambda seed: theirs.pipeline(contents, seed, False)),
                measure("pipeline, draft", lambda seed: ours(f"pipeline {seed}"), lambda seed: theirs.pipeline(contents, seed, True))]
        for name, (magnitude, _) in theirs.OPERATORS.items():
            rows.append(measure(name, lambda _: ours(f"operator {name} {magnitude}"), lambda _: theirs.operator(name, squares)))
        process.stdin.close()
        process.wait()
    if options.json:
        print(json.dumps(rows))
        return
    print(f"torchvision {torchvision.__version__}, torch {torch.__version__}, Pillow {PIL.__version__}, Python {sys.version.split()[0]}; "
          f"{len(contents)} pictures, one core, median of {options.rounds} rounds taken in turn; images per second")
    print(f"{'job':<18}{'Sightline':>10}{'torchvision':>13}{'ratio':>8}")
    for row in rows:
        print(f"{row['name']:<18}{row['sightline']:>10}{row['torchvision']:>13}{row['ratio']:>8.2f}")


if __name__ == "__main__":
    main()
