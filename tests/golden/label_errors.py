#!/usr/bin/env python3
"""Makes label_errors.json: confident learning on small sets, in numpy, written from the paper and not from the C# code.

Northcutt, Jiang and Chuang 2021, sections 3.1 and 3.2. Run: /usr/bin/python3 tests/golden/label_errors.py
"""
import base64
import json
import pathlib

import numpy as np

TIE = 1e-6


def largest_remainder(row):
    """Rounds a row of counts to whole numbers with the same sum."""
    whole = np.rint(row)
    missing = int(np.rint(row.sum()) - whole.sum())
    step = np.sign(missing)
    gain = np.where(whole + step >= 0, (row - whole) * step, -np.inf)
    whole[np.argsort(-gain, kind="stable")[:abs(missing)]] += step
    return whole.astype(int)


def smallest(scores, rows, count):
    return set(rows[np.argsort(scores[rows], kind="stable")[:count]].tolist())


def qualities(p, y):
    n, k = p.shape
    own = p[np.arange(n), y]
    others = p.copy()
    others[np.arange(n), y] = -1
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(p > 0, p * np.log(p), 0).sum(axis=1) / np.log(k)
    ratio = np.maximum(entropy / np.maximum(own, 1e-6), 1e-6)
    return {"normalizedMargin": (own - others.max(axis=1) + 1) / 2, "selfConfidence": own,
            "confidenceWeightedEntropy": np.log(1 + ratio) / ratio}


def case(name, p, y, minimum=1):
    p = p.astype(np.float32)
    n, k = p.shape
    exact = p.astype(np.float64)
    sizes = np.bincount(y, minlength=k)
    thresholds = np.array([max(exact[y == c, c].mean(), 2e-6) if sizes[c] else 2.0 for c in range(k)])
    reaches = exact >= thresholds - TIE
    guess = np.where(reaches.sum(axis=1) > 1, exact.argmax(axis=1), reaches.argmax(axis=1))
    counted = reaches.any(axis=1)
    joint = np.zeros((k, k), dtype=int)
    np.add.at(joint, (y[counted], guess[counted]), 1)
    joint[np.diag_indices(k)] = np.maximum(np.diag(joint), 1)
    calibrated = np.array([largest_remainder(joint[c] / joint[c].sum() * sizes[c]) for c in range(k)])

    left = calibrated.copy()
    for c in range(k):
        while sizes[c] > minimum and left[c, c] < minimum:
            errors = np.where(np.arange(k) == c, -1, left[c])
            left[c, errors.argmax()] -= 1
            left[c, c] += 1

    quality = qualities(exact, y)
    everything = np.arange(n)
    off_diagonal = set(everything[counted & (guess != y)].tolist())
    by_noise, by_class = set(), set()
    for c in range(k):
        rows = np.flatnonzero(y == c)
        if len(rows) > minimum:
            by_class |= smallest(exact[:, c], rows, sizes[c] - left[c, c])
            for other in range(k):
                if other != c:
                    by_noise |= smallest(exact[:, c] - exact[:, other], rows, left[c, other])
    flagged = {"noiseRate": by_noise, "offDiagonal": off_diagonal, "class": by_class, "both": by_noise & by_class,
               "predictedClass": set(everything[exact.argmax(axis=1) != y].tolist()),
               "lowMargin": smallest(quality["normalizedMargin"], everything, len(off_diagonal)),
               "lowSelfConfidence": smallest(quality["selfConfidence"], everything, len(off_diagonal))}
    wins = exact[everything, y] + TIE >= exact.max(axis=1)
    issues = {rule: sorted((row for row in rows if not wins[row]), key=lambda row: (quality["normalizedMargin"][row], row))
              for rule, rows in flagged.items()}
    return {"name": name, "classes": k, "minimum": minimum, "probabilities": base64.b64encode(p.tobytes()).decode(), "labels": y.tolist(),
            "thresholds": thresholds.tolist(), "joint": joint.tolist(), "calibrated": calibrated.tolist(),
            "estimatedErrors": len(off_diagonal) if k >= 4 else int(calibrated.sum() - np.trace(calibrated)),
            "agreement": float((exact.argmax(axis=1) == y).mean()), "issues": issues,
            "quality": {kind: values.tolist() for kind, values in quality.items()}}


def sampled(seed, sizes, noise, signal):
    """Softmax of normal logits with `signal` on the true class; a share of the labels drawn anew."""
    random = np.random.default_rng(seed)
    true = np.repeat(np.arange(len(sizes)), sizes)
    present = np.flatnonzero(sizes)
    given = np.where(random.random(len(true)) < noise, random.choice(present, len(true)), true)
    logits = random.normal(size=(len(true), len(sizes)))
    logits[np.arange(len(true)), true] += signal
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True), given


def main():
    cases = [case("two classes", *sampled(1, [40, 30], 0.2, 2)),
             case("three classes", *sampled(2, [30, 30, 30], 0.3, 2)),
             case("ten classes", *sampled(3, [30] * 10, 0.2, 3)),
             case("absent class", *sampled(4, [25, 0, 25, 25, 10], 0.2, 2.5)),
             case("unbalanced", *sampled(5, [100, 20, 5, 2, 1], 0.15, 2)),
             case("five stay", *sampled(6, [20, 8, 6, 6], 0.7, 1), minimum=5)]

    p, y = sampled(7, [30] * 5, 0.3, 1.5)
    rounded = np.round(p * 4) + 1e-9
    cases.append(case("ties", rounded / rounded.sum(axis=1, keepdims=True), y))

    # All of class 0 looks like class 1: its calibrated diagonal rounds to nothing and one picture must stay.
    p = np.full((12, 4), 0.02)
    p[:, 1] = 0.94
    p[6:] = np.eye(4)[[1, 1, 2, 2, 3, 3]] * 0.92 + 0.02
    cases.append(case("one class swallowed", p, np.array([0] * 6 + [1, 1, 2, 2, 3, 3])))

    target = pathlib.Path(__file__).with_name("label_errors.json")
    target.write_text(json.dumps({"madeWith": f"numpy {np.__version__}", "cases": cases}) + "\n")


main()
