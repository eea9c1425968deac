"""Decode and augment to 224 px: Sightline against Pillow, one core each, rounds taken in turn, medians.

Run: /usr/bin/python3 bench/decode/run.py [FOLDER_OR_TAR] [--files 500] [--rounds 9] [--json]
Default data: ../shared/data/photos/clothing.tar. Both sides work on files in memory, on the same core.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile

import PIL
from PIL import features

from pillow_decode import JOBS

HERE = os.path.dirname(os.path.abspath(__file__))


def pictures(place, scratch):
    if os.path.isfile(place):
        with tarfile.open(place) as archive:
            members = [m for m in archive.getmembers() if m.isfile() and m.name.lower().endswith((".jpg", ".jpeg"))]
            archive.extractall(scratch, members)
        place = scratch
    found = [os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names
             if name.lower().endswith((".jpg", ".jpeg"))]
    found.sort()
    random.Random(1).shuffle(found)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("place", nargs="?", default=os.path.join(HERE, "..", "..", "..", "shared", "data", "photos", "clothing.tar"))
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    program = os.path.join(HERE, "decode.cs")
    subprocess.run(["dotnet", "build", "-c", "Release", program], check=True, stdout=subprocess.DEVNULL)
    # One core for both: neither gains from threads of its runtime.
    core = sorted(os.sched_getaffinity(0))[0]
    os.sched_setaffinity(0, {core})
    with tempfile.TemporaryDirectory() as scratch:
        paths = pictures(options.place, scratch)[:options.files]
        contents = [open(path, "rb").read() for path in paths]
        listing = os.path.join(scratch, "files.txt")
        with open(listing, "w") as file:
            file.write("\n".join(paths))
        process = subprocess.Popen(["dotnet", "run", "-c", "Release", "--no-build", program], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)

        def ours(line):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return process.stdout.readline().split()

        ours("files " + listing)
        results = {}
        for job, theirs in JOBS.items():
            for warm in range(4):
                ours(f"{job} {warm}")
            theirs(contents[:50], 0)
            times = {"sightline": [], "pillow": []}
            for seed in range(options.rounds):
                seconds, *digest = ours(f"{job} {seed}")
                other, other_digest = theirs(contents, seed)
                times["sightline"].append(float(seconds))
                times["pillow"].append(other)
            rate = {side: len(contents) / statistics.median(values) for side, values in times.items()}
            results[job] = {**{side: round(value) for side, value in rate.items()}, "ratio": round(rate["sightline"] / rate["pillow"], 2)}
            if job == "evaluate":
                results[job]["samePixels"] = digest[0] == other_digest
        process.stdin.close()
        process.wait()
    if options.json:
        print(json.dumps(results))
        return
    print(f"Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}, Python {sys.version.split()[0]}; "
          f"{len(contents)} JPEG files, one core, median of {options.rounds} rounds taken in turn; images per second")
    print(f"{'job':<12}{'Sightline':>10}{'Pillow':>10}{'ratio':>8}")
    for job, row in results.items():
        print(f"{job:<12}{row['sightline']:>10}{row['pillow']:>10}{row['ratio']:>8.2f}" +
              ("   pixels identical" if row.get("samePixels") else "   PIXELS DIFFER" if "samePixels" in row else ""))


if __name__ == "__main__":
    main()
