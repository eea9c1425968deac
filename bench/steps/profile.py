"""Where the CPU time of a training step goes: inside the kernels of LibTorch and oneDNN, or around them. Five families, two precisions, one table.

usage: /usr/bin/python3 bench/steps/profile.py [--models resnet18,resnet50] [--precisions fp32,bf16]
Needs Debian's linux-perf and a Release build: dotnet build bench/Sightline.Benchmarks -c Release
One thread, so that no time is spent waiting for another; samples count CPU time, so other programs do not matter. Recording begins after the
warm-up. Kernels are the code that oneDNN compiles at run time and libtorch_cpu (its operators, and with them dispatcher and autograd); libc is
memory that operators copy and allocate; the system is page faults; the rest is .NET, our loop with it.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
program = next((root / "artifacts/bin/Sightline.Benchmarks").glob("release*/Sightline.Benchmarks"), None)
if program is None:
    sys.exit("There is no Release build: dotnet build bench/Sightline.Benchmarks -c Release")

# Batch, and steps for some ten seconds after the warm-up on one thread.
MODELS = {"resnet18": (8, 14), "resnet50": (4, 10), "densenet121": (4, 10), "efficientnet_b0": (8, 18), "mobilenet_v3_large": (16, 18)}
WARM_UP_MS = 7000

parser = argparse.ArgumentParser()
parser.add_argument("--models", default=",".join(MODELS))
parser.add_argument("--precisions", default="fp32,bf16")
arguments = parser.parse_args()


def kind(object_name):
    if object_name.startswith("[JIT]"):
        return "oneDNN"
    if "libtorch_cpu" in object_name or "libgomp" in object_name or "libc10" in object_name:
        return "libtorch"
    if object_name.startswith("[kernel"):
        return "system"
    if object_name.startswith("libc.so") or object_name.startswith("libm.so"):
        return "libc"
    return ".NET"


for model in arguments.models.split(","):
    batch, steps = MODELS[model]
    for precision in arguments.precisions.split(","):
        with tempfile.NamedTemporaryFile() as data:
            subprocess.run(
                ["perf", "record", "-q", "-D", str(WARM_UP_MS), "-F", "499", "-o", data.name, str(program), "step", model, "224", str(batch), str(steps), precision],
                check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
            report = subprocess.run(
                ["perf", "report", "-i", data.name, "--no-children", "--sort", "dso", "-g", "none"], check=True, capture_output=True, text=True).stdout
        shares = {}
        for share, name in re.findall(r"^\s+([0-9.]+)%\s+(\S+(?: tid \d+)?)", report, re.MULTILINE):
            shares[kind(name)] = shares.get(kind(name), 0) + float(share)
        kernels = shares.get("oneDNN", 0) + shares.get("libtorch", 0)
        print(f"{model} batch {batch} {precision}: kernels {kernels:.1f} % (" + ", ".join(f"{name} {share:.1f}" for name, share in sorted(shares.items(), key=lambda entry: -entry[1])) + ")", flush=True)
