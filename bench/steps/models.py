"""Training steps of five families at 224 px in fp32 and bf16, ours beside PyTorch 1.13 with torchvision 0.14: prints a table from one run.

usage: /usr/bin/python3 bench/steps/models.py [--rounds 3] [--models resnet18,resnet50] [--precisions fp32,bf16]
Nothing else may run. Needs Debian's python3-torchvision and a Release build: dotnet build bench/Sightline.Benchmarks -c Release
Sides take turns, one process each time; a figure is the median of the rounds. PyTorch is given its faster layout, and its faster
precision where that is fp32 (column "best").
"""
import argparse
import math
import os
import pathlib
import statistics
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
program = next((root / "artifacts/bin/Sightline.Benchmarks").glob("release*/Sightline.Benchmarks"), None)
if program is None:
    sys.exit("There is no Release build: dotnet build bench/Sightline.Benchmarks -c Release")

# Batch and steps: about a second a step.
MODELS = {"resnet18": (16, 6), "resnet50": (8, 5), "densenet121": (8, 4), "efficientnet_b0": (8, 5), "mobilenet_v3_large": (16, 6)}
# What our process sets by mallopt, as glibc reads it from the environment.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**31 - 1), "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_ARENA_MAX": "1"}

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--models", default=",".join(MODELS))
parser.add_argument("--precisions", default="fp32,bf16")
arguments = parser.parse_args()


def run(command, environment):
    out = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, env={**os.environ, **environment}).stdout
    return [float(word) for word in out.split()]


ratios = {"default": [], "tuned": []}
for model in arguments.models.split(","):
    batch, steps = MODELS[model]
    seen = {}
    for _ in range(arguments.rounds):
        for precision in arguments.precisions.split(","):
            seen.setdefault(("ours", precision, ""), []).append(run([program, "step", model, 224, batch, steps, precision], {}))
            for layout in ["contiguous", "channels_last"]:
                for kind, environment in [("default", {}), ("tuned", ALLOCATOR)]:
                    command = ["/usr/bin/python3", root / "bench/steps/torch_step.py", model, 224, batch, layout, steps, precision]
                    seen.setdefault((kind, precision, layout), []).append(run(command, environment))
    time = {key: statistics.median(value[0] for value in values) for key, values in seen.items()}
    peak = {key: statistics.median(value[1] for value in values) for key, values in seen.items()}
    for precision in arguments.precisions.split(","):
        line = f"{model} batch {batch} {precision}: ours {time['ours', precision, '']:.0f} ms {peak['ours', precision, '']:.0f} MiB"
        for kind in ["default", "tuned"]:
            # Its best layout in this precision or, where bf16 is slower than fp32 there, in fp32.
            allowed = [key for key in time if key[0] == kind and key[1] in (precision, "fp32")]
            best = min(allowed, key=time.get)
            ratio = time[best] / time["ours", precision, ""]
            ratios[kind].append(ratio)
            line += f"; PyTorch {kind} {time[best]:.0f} ms {peak[best]:.0f} MiB ({best[1]} {best[2]}) {ratio:.2f}x"
        print(line, flush=True)
for kind, values in ratios.items():
    print(f"geometric mean against the {kind} allocator: {math.exp(statistics.fmean(map(math.log, values))):.2f}")
