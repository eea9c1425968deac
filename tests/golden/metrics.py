"""Golden figures for Sightline.Evaluation.Metrics, written to metrics.json beside this file.

Run with Debian's Python:  /usr/bin/python3 tests/golden/metrics.py
Made with scikit-learn 1.2.1, numpy 1.24.2, scipy 1.10.1. Logits are drawn by seeded numpy and stored as base64 of
little-endian float32, so that both sides start from the same bits.

Outside truth: scikit-learn for accuracy, precision, recall, F1, confusion, balanced accuracy and top-k; scipy for
log-softmax and Wilson intervals. ECE and the bootstrap are written here a second time, in numpy, from their definitions.
"""
import base64
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from scipy.special import log_softmax, softmax
from sklearn import metrics

BINS = 15
SAMPLES = 200
SEED = 7
MASK = (1 << 64) - 1


def finalise(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def mix(seed, first, second=0):
    """The seed of one resample's stream: SplitMix64's finaliser over (seed, resample, 0)."""
    z = finalise((seed + 0x9E3779B97F4A7C15) & MASK)
    z = finalise(z ^ ((first + 0x9E3779B97F4A7C15) & MASK))
    return finalise(z ^ ((second + 0x9E3779B97F4A7C15) & MASK))


def draws(seed, count):
    """count indices below count, by SplitMix64 and the upper half of bits x count."""
    state, picked = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        picked.append((finalise(state) * count) >> 64)
    return np.array(picked)


def macro_f1(truth, predicted, classes):
    return metrics.f1_score(truth, predicted, labels=range(classes), average="macro", zero_division=0)


def wilson(hits, trials):
    if trials == 0:
        return [0.0, 1.0]
    ends = stats.binomtest(int(hits), int(trials)).proportion_ci(0.95, method="wilson")
    return [float(ends.low), float(ends.high)]


def averages(truth, predicted, classes, average):
    p, r, f, _ = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), average=average, zero_division=0)
    return {"precision": p, "recall": r, "f1": f}


def top_k(logits, truth, k):
    order = np.argsort(-logits.astype(np.float64), axis=1, kind="stable")
    mine = float(np.mean([truth[i] in order[i, :k] for i in range(len(truth))]))
    distinct = all(len(set(row)) == len(row) for row in logits.tolist())
    if distinct and logits.shape[1] > 2:
        theirs = metrics.top_k_accuracy_score(truth, logits, k=k, labels=range(logits.shape[1]))
        assert abs(mine - theirs) < 1e-15, (mine, theirs)
    return mine


def calibration(logits, truth, predicted):
    probabilities = softmax(logits.astype(np.float64), axis=1)
    confidence = probabilities.max(axis=1)
    right = predicted == truth
    edges = np.arange(BINS + 1) / BINS
    ece, worst, bins = 0.0, 0.0, []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            ece += gap * inside.mean()
            worst = max(worst, gap)
            bins.append({"count": int(inside.sum()), "confidence": confidence[inside].mean(), "accuracy": right[inside].mean()})
        else:
            bins.append({"count": 0, "confidence": None, "accuracy": None})
    return ece, worst, confidence.mean(), bins


def case(name, logits, truth):
    logits = np.ascontiguousarray(logits, dtype="<f4")
    truth = np.asarray(truth, dtype=np.int64)
    count, classes = logits.shape
    predicted = logits.argmax(axis=1)
    p, r, f, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), average=None, zero_division=0)
    confusion = metrics.confusion_matrix(truth, predicted, labels=range(classes))
    ece, worst, confidence, bins = calibration(logits, truth, predicted)

    resampled = []
    for b in range(SAMPLES):
        i = draws(mix(SEED, b), count)
        resampled.append(macro_f1(truth[i], predicted[i], classes))

    # A check of our own resampling by scipy's, with other random numbers: ends agree within a tenth of the width or 0.03.
    if count > 1:
        other = stats.bootstrap((truth, predicted), lambda t, q: macro_f1(t, q, classes), paired=True, vectorized=False,
                                n_resamples=SAMPLES, method="percentile", random_state=1).confidence_interval
        low, high = np.quantile(resampled, [0.025, 0.975])
        assert abs(low - other.low) < 0.03 and abs(high - other.high) < 0.03, (name, low, high, other)

    return {
        "name": name,
        "classes": classes,
        "logits": base64.b64encode(logits.tobytes()).decode(),
        "labels": truth.tolist(),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "accuracyInterval": wilson((truth == predicted).sum(), count),
        "top5": top_k(logits, truth, min(5, classes)),
        "loss": float(-log_softmax(logits.astype(np.float64), axis=1)[np.arange(count), truth].mean()),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
        "macro": averages(truth, predicted, classes, "macro"),
        "micro": averages(truth, predicted, classes, "micro"),
        "weighted": averages(truth, predicted, classes, "weighted"),
        "macroF1Interval": np.quantile(resampled, [0.025, 0.975]).tolist(),
        "perClass": [
            {"support": int(support[k]), "precision": p[k], "recall": r[k], "f1": f[k],
             "precisionInterval": wilson(confusion[k, k], confusion[:, k].sum()),
             "recallInterval": wilson(confusion[k, k], support[k])}
            for k in range(classes)],
        "confusion": confusion.tolist(),
        "meanConfidence": confidence,
        "ece": ece,
        "maximumCalibrationError": worst,
        "reliability": bins,
    }


def sampled(seed, count, classes, signal, labels=None):
    """Normal logits with `signal` added to the true class."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, count) if labels is None else random.choice(labels, count)
    logits = random.normal(size=(count, classes)).astype(np.float32)
    logits[np.arange(count), truth] += signal
    return logits, truth


def main():
    warnings.simplefilter("ignore")
    cases = [case("binary", *sampled(1, 200, 2, 1.5)), case("ten classes", *sampled(2, 300, 10, 2.5))]
    cases.append(case("absent class", *sampled(3, 120, 5, 1.5, labels=[0, 1, 2, 4])))

    logits, truth = sampled(4, 60, 4, 0.0)
    logits[np.arange(60), truth] = logits.min() - 1
    cases.append(case("all wrong", logits, truth))

    logits, truth = sampled(5, 80, 3, 0.0)
    logits[:, 1] = logits.max() + 0.5
    cases.append(case("one class predicted", logits, truth))

    logits, truth = sampled(6, 150, 7, 1.0)
    cases.append(case("ties", np.round(logits), truth))

    logits, truth = sampled(7, 50, 6, 1.0)
    cases.append(case("huge logits", logits * 1e4, truth))

    cases.append(case("one picture", *sampled(8, 1, 3, 3.0)))
    cases.append(case("unbalanced", *sampled(9, 200, 4, 1.2, labels=[0] * 17 + [1] * 2 + [2])))

    target = pathlib.Path(__file__).with_name("metrics.json")
    target.write_text(json.dumps({
        "madeWith": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
        "bins": BINS, "bootstrapSamples": SAMPLES, "bootstrapSeed": SEED, "cases": cases}, indent=1) + "\n")


main()
