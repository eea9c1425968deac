"""Accuracy of bf16 beside fp32 on Fashion-MNIST: the quick recipe over several seeds, printed as means and their difference.

usage: /usr/bin/python3 bench/precision/accuracy.py [--seeds 3] [--first 1] [--epochs 11] [--precision bf16] [--set threads=1]
(About 12 minutes a seed on two cores; 3 epochs are 6 minutes a seed on one.)
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
parser.add_argument("--first", type=int, default=1, help="the first seed")
parser.add_argument("--set", action="append", default=[], help="a further setting of every run")
parser.add_argument("--program", default=str(root / "sightline"))
parser.add_argument("--epochs", type=int, default=11)
parser.add_argument("--precision", default="bf16")
arguments = parser.parse_args()


def accuracy(precision, seed, runs):
    command = [
        arguments.program, "train", "fashion-mnist", "--config", root / "recipes/fashion-mnist-quick.json", "--epochs", arguments.epochs, "--seed", seed,
        "--set", f"precision={precision}", *(word for value in arguments.set for word in ("--set", value)), "--runs", runs, "--name", f"{precision}-{seed}", "--json"]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    return 100 * json.loads(out)["testAccuracy"]


with tempfile.TemporaryDirectory() as runs:
    seen = {"fp32": [], arguments.precision: []}
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for precision, values in seen.items():
            values.append(accuracy(precision, seed, runs))
        print(f"seed {seed}: " + ", ".join(f"{precision} {values[-1]:.2f} %" for precision, values in seen.items()), flush=True)

first, second = (statistics.mean(values) for values in seen.values())
print(f"mean of {arguments.seeds}: fp32 {first:.2f} %, {arguments.precision} {second:.2f} %, difference {second - first:+.2f} points (asked: at most 0.2)")
