"""A whole epoch on class folders, files to weights, ours beside torchvision with its data loader: prints a ratio from one run.

usage: /usr/bin/python3 bench/epoch/run.py FOLDER [--model resnet18] [--batch 16] [--rounds 1]
FOLDER has train/ and validation/ of class folders (without test/, which only ours would judge). Nothing else may run. Needs Debian's
python3-torchvision and a Release build: dotnet build src/Sightline.Cli -c Release
Both sides are whole processes, start to end: open the data, train one epoch, validate, write the weights. Ours starts with an empty cache,
so that it checks every file as for a folder it never saw. PyTorch is given channels-last, our allocator settings, and the faster precision.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parents[2]
tool = next((root / "artifacts/bin/Sightline.Cli").glob("release*/Sightline.Cli.dll"), None)
if tool is None:
    sys.exit("There is no Release build: dotnet build src/Sightline.Cli -c Release")

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--model", default="resnet18")
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--rounds", type=int, default=1)
arguments = parser.parse_args()
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**31 - 1), "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_ARENA_MAX": "1"}
scratch = pathlib.Path(tempfile.mkdtemp(prefix="sightline-epoch-"))


def timed(command, environment):
    began = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(done.stderr)
    return time.perf_counter() - began


seen = {}
for number in range(arguments.rounds):
    cache = scratch / f"cache{number}"
    cache.mkdir()
    ours = ["dotnet", tool, "train", arguments.folder, "--model", arguments.model, "--epochs", 1, "--batch", arguments.batch, "--size", 224,
            "--set", "precision=auto", "--runs", scratch, "--name", f"ours{number}"]
    seen.setdefault("ours", []).append(timed(ours, {"XDG_CACHE_HOME": str(cache)}))
    for precision in ["fp32", "bf16"]:
        theirs = ["/usr/bin/python3", root / "bench/epoch/torch_epoch.py", arguments.folder, arguments.model, arguments.batch, precision, scratch / "torch.pth"]
        seen.setdefault(f"torchvision {precision}", []).append(timed(theirs, ALLOCATOR))
shutil.rmtree(scratch)
median = {name: statistics.median(values) for name, values in seen.items()}
best = min(median["torchvision fp32"], median["torchvision bf16"])
print(f"epoch {arguments.model} batch {arguments.batch}: " + ", ".join(f"{name} {value:.0f} s" for name, value in median.items()) + f", ratio {best / median['ours']:.2f}")
