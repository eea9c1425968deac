"""Golden suggestions of the learning-rate finder: fastai's valley and steep (callback/schedule.py) on made-up curves.
Run: /usr/bin/python3 tests/golden/rate_finder.py"""
import json
import math
import pathlib

import numpy as np


def valley(lrs, losses):
    n = len(losses)
    max_start, max_end = 0, 0
    lds = [1] * n
    for i in range(1, n):
        for j in range(0, i):
            if losses[i] < losses[j] and lds[i] < lds[j] + 1:
                lds[i] = lds[j] + 1
            if lds[max_end] < lds[i]:
                max_end = i
                max_start = max_end - lds[max_end]
    sections = (max_end - max_start) / 3
    return float(lrs[max_start + int(sections) + int(sections / 2)])


def steep(lrs, losses):
    grads = (losses[1:] - losses[:-1]) / (np.log(lrs[1:]) - np.log(lrs[:-1]))
    return float(lrs[grads.argmin()])


def curve(count, noise, centre):
    rates = np.array([1e-7 * 1e8 ** (i / 99) for i in range(count)])
    logs = np.log10(rates)
    losses = 2.3 - 1.8 / (1 + np.exp(-2.5 * (logs - centre))) + np.exp(3 * (logs + 0.2)) + noise * np.sin(7.3 * np.arange(count))
    return rates, losses


golden = []
for count, noise, centre in ((100, 0.0, -3.0), (92, 0.02, -2.5), (85, 0.1, -4.0)):
    rates, losses = curve(count, noise, centre)
    r, l = rates[10:-5], losses[10:-5]
    golden.append({"rates": rates.tolist(), "losses": losses.tolist(), "valley": valley(r, l), "steepest": steep(r, l)})
pathlib.Path(__file__).with_name("rate_finder.json").write_text(json.dumps(golden) + "\n")
