"""Golden figures for calibration, bootstrap intervals, McNemar's test, thresholds, selective prediction and learning curves, written to
evaluation.json beside this file.

Run with Debian's Python:  /usr/bin/python3 tests/golden/evaluation.py
Made with scikit-learn 1.2.1, numpy 1.24.2, scipy 1.10.1. Logits are drawn by seeded numpy and stored as base64 of little-endian float32.

Outside truth: scipy for log-softmax, the temperature (minimize_scalar), BCa intervals (stats.bootstrap, given our resamples), the binomial test, the
chi-square tail and the power law (curve_fit); scikit-learn for the resampled figures, average precision and the precision-recall curve.
"""
import base64
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy import optimize, stats
from scipy.special import erfc, log_softmax, ndtr, ndtri, softmax
from sklearn import metrics

SAMPLES, SEED, BINS = 200, 7, 15
MASK = (1 << 64) - 1


def finalise(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def mix(seed, first, second=0):
    """The seed of one resample's stream, as in metrics.py."""
    z = finalise((seed + 0x9E3779B97F4A7C15) & MASK)
    z = finalise(z ^ ((first + 0x9E3779B97F4A7C15) & MASK))
    return finalise(z ^ ((second + 0x9E3779B97F4A7C15) & MASK))


def draws(seed, count):
    state, picked = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        picked.append((finalise(state) * count) >> 64)
    return np.array(picked)


def sampled(seed, count, classes, signal, scale=1.0, labels=None):
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, count) if labels is None else random.choice(labels, count)
    logits = random.normal(size=(count, classes))
    logits[np.arange(count), truth] += signal
    return (scale * logits).astype("<f4"), truth


def pack(logits, truth):
    return {"classes": logits.shape[1], "logits": base64.b64encode(np.ascontiguousarray(logits, "<f4").tobytes()).decode(), "labels": truth.tolist()}


def nll(logits, truth, temperature=1.0):
    return -log_softmax(logits.astype(np.float64) / temperature, axis=1)[np.arange(len(truth)), truth]


def ece(logits, truth, temperature=1.0):
    probabilities = softmax(logits.astype(np.float64) / temperature, axis=1)
    confidence, right = probabilities.max(axis=1), logits.argmax(axis=1) == truth
    error = 0.0
    for b in range(BINS):
        inside = (confidence > b / BINS) & (confidence <= (b + 1) / BINS)
        if inside.any():
            error += abs(right[inside].mean() - confidence[inside].mean()) * inside.mean()
    return error


def temperature(logits, truth):
    found = optimize.minimize_scalar(lambda u: nll(logits, truth, np.exp(u)).mean(), bounds=(np.log(0.01), np.log(100)), method="bounded",
                                     options={"xatol": 1e-12})
    t = float(np.exp(found.x))
    return {**pack(logits, truth), "temperature": t, "lossBefore": nll(logits, truth).mean(), "lossAfter": nll(logits, truth, t).mean(),
            "eceBefore": ece(logits, truth), "eceAfter": ece(logits, truth, t)}


def figures(truth, predicted, losses, classes):
    every = range(classes)
    p, r, f, support = metrics.precision_recall_fscore_support(truth, predicted, labels=every, average=None, zero_division=0)
    return {"accuracy": metrics.accuracy_score(truth, predicted), "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
            "macroPrecision": p.mean(), "macroRecall": r.mean(), "macroF1": f.mean(),
            "weightedF1": metrics.f1_score(truth, predicted, labels=every, average="weighted", zero_division=0), "loss": losses.mean()}


NAMES = ["accuracy", "balancedAccuracy", "macroPrecision", "macroRecall", "macroF1", "weightedF1", "loss"]


def interval(count, statistic):
    """Percentile and BCa of a statistic of indices; the resamples are ours, the intervals are scipy's."""
    ours = np.array([statistic(draws(mix(SEED, b), count)) for b in range(SAMPLES)])
    made = stats._resampling.BootstrapResult(confidence_interval=None, bootstrap_distribution=ours, standard_error=0.0)
    index = (np.arange(count),)
    result = {}
    for method in ["percentile", "BCa"]:
        ends = stats.bootstrap(index, lambda i: statistic(i), vectorized=False, n_resamples=0, bootstrap_result=made, method=method).confidence_interval
        result[method] = None if np.isnan(ends.low) else [float(ends.low), float(ends.high)]
    return result


def intervals(logits, truth):
    predicted, losses, classes = logits.argmax(axis=1), nll(logits, truth), logits.shape[1]
    return {**pack(logits, truth), "intervals": {
        name: interval(len(truth), lambda i, name=name: figures(truth[i], predicted[i], losses[i], classes)[name]) for name in NAMES}}


def mcnemar(first, second):
    n = first + second
    if n < 25:
        return {"first": first, "second": second, "p": stats.binomtest(first, n).pvalue if n else 1.0, "statistic": None}
    statistic = max(0, abs(first - second) - 1) ** 2 / n
    return {"first": first, "second": second, "p": float(stats.chi2.sf(statistic, 1)), "statistic": statistic}


def comparison():
    one, truth = sampled(31, 250, 4, 1.6)
    random = np.random.default_rng(32)
    other = (one + 0.8 * random.normal(size=one.shape)).astype("<f4")
    other[np.arange(250), truth] += 0.7
    a, b = one.argmax(axis=1), other.argmax(axis=1)
    la, lb = nll(one, truth), nll(other, truth)

    def difference(name):
        return lambda i: figures(truth[i], b[i], lb[i], 4)[name] - figures(truth[i], a[i], la[i], 4)[name]

    p = [mcnemar(int(((a == truth) & (b != truth) & (truth == k)).sum()), int(((a != truth) & (b == truth) & (truth == k)).sum()))["p"] for k in range(4)]
    order, adjusted, largest = np.argsort(p, kind="stable"), [0.0] * 4, 0.0
    for rank, k in enumerate(order):
        largest = max(largest, min(1.0, (4 - rank) * p[k]))
        adjusted[k] = largest
    every = np.arange(250)
    return {"first": pack(one, truth), "second": pack(other, truth),
            "onlyFirst": int(((a == truth) & (b != truth)).sum()), "onlySecond": int(((a != truth) & (b == truth)).sum()),
            "agreement": float((a == b).mean()), "accuracy": difference("accuracy")(every), "macroF1": difference("macroF1")(every),
            "accuracyInterval": interval(250, difference("accuracy")), "macroF1Interval": interval(250, difference("macroF1")), "holm": adjusted}


def thresholds(logits, truth):
    probabilities = softmax(logits.astype(np.float64), axis=1)
    classes = []
    for k in range(logits.shape[1]):
        mine, score = truth == k, probabilities[:, k]
        precision, recall, cuts = metrics.precision_recall_curve(mine, score)
        f1 = np.divide(2 * precision * recall, precision + recall, out=np.zeros_like(precision), where=precision + recall > 0)[:-1]
        rows = []
        for step in range(1, 20):
            called = score >= step / 20
            p, r, f, _ = metrics.precision_recall_fscore_support(mine, called, average="binary", zero_division=0)
            rows.append([int(called.sum()), p, r, f])
        classes.append({"averagePrecision": metrics.average_precision_score(mine, score), "bestF1": f1.max(),
                        "bestThreshold": cuts[np.flatnonzero(f1 >= f1.max() - 1e-12)[0]], "rows": rows})
    confidence, right = probabilities.max(axis=1), logits.argmax(axis=1) == truth
    order = np.argsort(-confidence, kind="stable")
    risk = 1 - np.cumsum(right[order]) / np.arange(1, len(truth) + 1)
    points = [[kept, confidence[order][kept - 1], right[order][:kept].mean()] for kept in (len(truth), len(truth) // 2, len(truth) // 10)]
    return {**pack(logits, truth), "perClass": classes, "riskCoverageArea": risk.mean(), "points": points}


def power_law(sizes, errors):
    """error = floor + scale * n^-exponent within the bounds that LearningCurveFit searches, by scipy's bounded least squares from several starts."""
    n, e = np.array(sizes, float), np.array(errors)
    best = None
    for start in [0.1, 0.3, 0.7, 1.2]:
        x, _ = optimize.curve_fit(lambda m, a, b, c: a + b * (m / n[-1]) ** -c, n, e, p0=[e.min() / 2, e[-1] / 2 + 1e-3, start],
                                  bounds=([0, 0, 0.05], [1, np.inf, 2]), xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=100000)
        loss = float(((x[0] + x[1] * (n / n[-1]) ** -x[2] - e) ** 2).sum())
        if best is None or loss < best[0]:
            best = (loss, x)
    a, b, c = best[1]
    return {"sizes": sizes, "errors": errors, "squares": best[0], "floor": a, "scale": b, "exponent": c, "atDouble": a + b * 2.0 ** -c}


def main():
    warnings.simplefilter("ignore")
    x = [-8, -3.2, -1, -0.2, 0, 0.3, 1.7, 2.4, 2.6, 4, 9]
    shares = [1e-12, 1e-4, 0.02, 0.3, 0.5, 0.8, 0.975, 1 - 1e-9]
    target = pathlib.Path(__file__).with_name("evaluation.json")
    target.write_text(json.dumps({
        "madeWith": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
        "bootstrapSamples": SAMPLES, "bootstrapSeed": SEED,
        "normal": {"x": x, "below": ndtr(x).tolist(), "erfc": erfc(x).tolist(), "shares": shares, "quantiles": ndtri(shares).tolist()},
        "temperatures": [temperature(*sampled(21, 300, 10, 2.5, 3.0)), temperature(*sampled(22, 300, 5, 1.5, 0.25)), temperature(*sampled(23, 200, 2, 1.0))],
        "intervals": [intervals(*sampled(24, 120, 4, 1.5)), intervals(*sampled(25, 60, 3, 4.0)), intervals(*sampled(26, 90, 5, 1.5, labels=[0, 1, 2, 4]))],
        "mcnemar": [mcnemar(*pair) for pair in [(0, 0), (0, 1), (3, 9), (12, 12), (7, 17), (10, 15), (13, 12), (20, 60), (40, 40), (150, 200), (0, 400)]],
        "comparison": comparison(),
        "thresholds": [thresholds(*sampled(27, 200, 4, 1.2)), thresholds(*sampled(28, 150, 2, 1.0))],
        "powerLaws": [power_law([500, 1250, 2500, 5000], [0.31, 0.235, 0.19, 0.162]), power_law([100, 250, 500, 1000, 2000], [0.52, 0.36, 0.27, 0.24, 0.235]),
                      power_law([300, 600, 1200], [0.2, 0.2, 0.2])],
    }, indent=1) + "\n")


main()
