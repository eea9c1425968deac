"""Training steps, the loop's cost, the optimiser and memory, ours beside PyTorch 1.13 with torchvision 0.14: prints ratios from one run.

usage: /usr/bin/python3 bench/steps/run.py [--rounds 3]      (on a quiet machine; nothing else may run)
Needs Debian's python3-torchvision and a Release build: dotnet build bench/Sightline.Benchmarks -c Release
Both sides take turns, one process each time; a figure is the median of the rounds.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
program = next((root / "artifacts/bin/Sightline.Benchmarks").glob("release*/Sightline.Benchmarks"), None)
parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=3)
rounds = parser.parse_args().rounds
if program is None:
    sys.exit("There is no Release build: dotnet build bench/Sightline.Benchmarks -c Release")

# What our process sets by mallopt, as glibc reads it from the environment.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**31 - 1), "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_ARENA_MAX": "1"}


def ours(*arguments):
    out = subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    return [float(word) for word in out.split()]


def torch(model, size, batch, layout, steps, environment):
    command = ["/usr/bin/python3", root / "bench/steps/torch_step.py", model, size, batch, layout, steps]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, env={**os.environ, **environment}).stdout
    return float(out.split()[0])


for model, size, batch, steps in [("resnet18", 64, 32, 15), ("resnet50", 224, 8, 6)]:
    seen = {}
    for _ in range(rounds):
        seen.setdefault("ours", []).append(ours("step", model, size, batch, steps, "fp32")[0])
        for layout in ["contiguous", "channels_last"]:
            seen.setdefault(f"default {layout}", []).append(torch(model, size, batch, layout, steps, {}))
            seen.setdefault(f"tuned {layout}", []).append(torch(model, size, batch, layout, steps, ALLOCATOR))
    median = {name: statistics.median(values) for name, values in seen.items()}
    for kind in ["default", "tuned"]:
        best = min(median[f"{kind} contiguous"], median[f"{kind} channels_last"])
        print(f"step {model} {size} px batch {batch}: ours {median['ours']:.0f} ms, PyTorch {kind} allocator {best:.0f} ms, ratio {best / median['ours']:.2f}", flush=True)

mine, bare = ours("loop", "resnet18", 64, 32, 15)
print(f"loop resnet18 64 px: ours {mine:.0f} ms, bare {bare:.0f} ms, ratio {mine / bare:.3f}", flush=True)
for kind in ["sgd", "adamW"]:
    mine, theirs = ours("optimizer", "resnet50", kind, 30)
    print(f"optimizer {kind} resnet50: ours {mine:.1f} ms, TorchSharp {theirs:.1f} ms, ratio {theirs / mine:.1f}", flush=True)
before, after, low, high = ours("leak", 1000)
print(f"1000 steps: live tensors {before:.0f} then {after:.0f}, resident {low / 2**20:.0f} MiB then {high / 2**20:.0f} MiB")
