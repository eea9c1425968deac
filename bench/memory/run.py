"""Peak memory and time of training steps: with and without checkpointing, kept and given-back blocks, and the plan's error. One run, one table.

usage: /usr/bin/python3 bench/memory/run.py [--batch 16] [--models resnet50] [--precisions fp32]      (times: on a quiet machine; nothing else may run)
Needs a Release build: dotnet build bench/Sightline.Benchmarks -c Release
Each line is a process of its own: three steps and a validation batch at 224 px, ten classes, SGD with momentum, two threads. Bytes are resident
memory at its highest, less what the process held before the model was made.
"""
import argparse
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
program = next((root / "artifacts/bin/Sightline.Benchmarks").glob("release*/Sightline.Benchmarks"), None)
parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--models", default="resnet50,densenet121,efficientnet_b0")
parser.add_argument("--precisions", default="fp32,bf16")
arguments = parser.parse_args()
batch = arguments.batch
if program is None:
    sys.exit("There is no Release build: dotnet build bench/Sightline.Benchmarks -c Release")


def measure(model, checkpointing, precision, allocator):
    command = [program, "memory", model, 224, batch, checkpointing, precision, allocator, 3]
    out = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    base, peak, planned, ms = map(float, out.split())
    return peak - base, planned, ms


STATES = {"resnet50": 23.53e6 * 8, "densenet121": 6.96e6 * 8, "efficientnet_b0": 4.02e6 * 8}  # Weights and momentum, bytes.
for model in arguments.models.split(","):
    for precision in arguments.precisions.split(","):
        plain = {}
        for checkpointing in ["off", "stages", "balanced"]:
            for allocator in ["compact", "fast"]:
                taken, planned, ms = measure(model, checkpointing, precision, allocator)
                if checkpointing == "off":
                    plain[allocator] = (taken, ms)
                reference, time = plain[allocator]
                share = (taken - STATES[model]) / (reference - STATES[model])
                error = f"plan {planned / 1e6:5.0f} MB, error {100 * (planned / taken - 1):+5.1f} %" if allocator == "compact" else ""
                print(f"{model} batch {batch} {precision} {checkpointing:8} {allocator:7}: {taken / 1e6:5.0f} MB, activations {100 * share:3.0f} %, "
                      f"{ms:5.0f} ms, time {ms / time:.2f}  {error}", flush=True)
