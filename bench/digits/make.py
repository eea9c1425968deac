"""Handwritten digits as IDX files: the 1,797 pictures of 8 x 8 pixels that scikit-learn carries (UCI, "Optical Recognition of Handwritten Digits").

Run: /usr/bin/python3 bench/digits/make.py FOLDER [digits.csv.gz]
Every fifth picture is for the test. Needs Python alone; the second argument is where the file is, by default in the installed scikit-learn.
"""
import gzip
import importlib.util
import pathlib
import struct
import sys

SIDE, MOST = 8, 16


def source():
    if len(sys.argv) > 2:
        return pathlib.Path(sys.argv[2])
    found = importlib.util.find_spec("sklearn")
    if found is None or not found.submodule_search_locations:
        sys.exit("scikit-learn is not installed, which carries the pictures. On Debian: apt-get install python3-sklearn")
    return pathlib.Path(found.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(source(), "rt") as lines:
        rows = [[int(float(cell)) for cell in line.split(",")] for line in lines]
    for name, chosen in ("train", [row for i, row in enumerate(rows) if i % 5]), ("t10k", rows[::5]):
        pixels = bytes(round(255 * value / MOST) for row in chosen for value in row[:-1])
        (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, len(chosen), SIDE, SIDE) + pixels)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, len(chosen)) + bytes(row[-1] for row in chosen))
    print(f"{len(rows)} pictures in {folder}")


if __name__ == "__main__":
    main()
