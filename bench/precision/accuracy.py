"""Accuracy of bf16 beside fp32 on Fashion-MNIST: the quick recipe over several seeds, printed as means and their difference.

usage: /usr/bin/python3 bench/precision/accuracy.py [--seeds 3] [--epochs 11] [--precision bf16]     (about 12 minutes a seed on two cores)
Needs ./sightline and Debian's dataset-fashion-mnist. Asked is a difference of at most 0.2 points over 3 seeds.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--epochs", type=int, default=11)
parser.add_argument("--precision", default="bf16")
arguments = parser.parse_args()


def accuracy(precision, seed, runs):
    command = [
        root / "sightline", "train", "fashion-mnist", "--config", root / "recipes/fashion-mnist-quick.json", "--epochs", arguments.epochs, "--seed", seed,
        "--set", f"precision={precision}", "--runs", runs, "--name", f"{precision}-{seed}", "--json"]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    return 100 * json.loads(out)["testAccuracy"]


with tempfile.TemporaryDirectory() as runs:
    seen = {"fp32": [], arguments.precision: []}
    for seed in range(1, arguments.seeds + 1):
        for precision, values in seen.items():
            values.append(accuracy(precision, seed, runs))
        print(f"seed {seed}: " + ", ".join(f"{precision} {values[-1]:.2f} %" for precision, values in seen.items()), flush=True)

first, second = (statistics.mean(values) for values in seen.values())
print(f"mean of {arguments.seeds}: fp32 {first:.2f} %, {arguments.precision} {second:.2f} %, difference {second - first:+.2f} points (asked: at most 0.2)")
