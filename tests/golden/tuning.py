"""Golden figures for Sightline.Tuning, written to tuning.json beside this file.

Run with Debian's Python:  /usr/bin/python3 tests/golden/tuning.py
Made with scipy 1.10.1, scikit-learn 1.2.1, numpy 1.24.2, mpmath 1.2.1.

Outside truth: scipy.stats.qmc.Sobol without scrambling; scipy.special for the error functions and the normal tails; scipy.stats.truncnorm;
scipy.stats.wilcoxon; scikit-learn's GaussianProcessRegressor for the posterior, the marginal likelihood and its gradient; mpmath with 60 digits
for the logarithm of the expected improvement.
"""
import json
import pathlib
import warnings

import mpmath
import numpy as np
from scipy import special, stats
from scipy.stats import qmc
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

warnings.simplefilter("ignore")
mpmath.mp.dps = 60


def sobol():
    points = qmc.Sobol(256, scramble=False, bits=32).random(1024)
    rows = [0, 1, 2, 3, 7, 100, 511, 1023]
    return {"rows": rows, "points": points[rows].tolist(), "sums": points.sum(axis=0).tolist()}


def normal():
    x = [-300.0, -40.0, -25.5, -8.0, -5.0, -2.5, -1.0, -0.5, -1e-3, 0.0, 1e-9, 0.3, 1.0, 2.0, 4.5, 5.5, 8.0, 30.0]
    logs = [-1e4, -500.0, -40.0, -10.0, -5.0, -3.0, -1.0, -0.7, -0.3, -0.05, -0.011, -0.009, -1e-3, -1e-8]
    wide = [(-1.0, 1.0), (-1e-3, 1e-3), (10.0, 100.0), (-100.0, -10.0), (0.0, 5.0), (-40.0, 0.3), (-3.0, -2.9), (30.0, 31.0)]
    mass = [float(mpmath.log(mpmath.ncdf(b) - mpmath.ncdf(a)) if a < 0 else mpmath.log(mpmath.ncdf(-a) - mpmath.ncdf(-b))) for a, b in wide]
    return {
        "x": x, "logCdf": [log_cdf(v) for v in x], "cdf": special.ndtr(x).tolist(),
        "scaledErfcAt": [0.0, 0.3, 0.46, 0.5, 1.0, 3.9, 4.1, 20.0, 1e5, 1e9],
        "scaledErfc": special.erfcx([0.0, 0.3, 0.46, 0.5, 1.0, 3.9, 4.1, 20.0, 1e5, 1e9]).tolist(),
        "logs": logs, "inverse": special.ndtri_exp(logs).tolist(),
        "intervals": wide, "logMass": mass,
    }


def log_cdf(v):
    """With 450 digits, since 1 - 1e-198 is 1 in sixty."""
    with mpmath.workdps(450):
        return float(mpmath.log(mpmath.ncdf(v)))


def truncated():
    cases = []
    for mean, deviation, low, high in [(0, 1, -1, 1), (0, 1, -1e-3, 1e-3), (0, 1, 10, 100), (0, 1, -100, -10), (0.5, 0.2, 0, 1), (-3, 0.5, 0, 1), (7, 2, 0, 5)]:
        d = stats.truncnorm((low - mean) / deviation, (high - mean) / deviation, loc=mean, scale=deviation)
        shares = [1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999]
        at = [low + share * (high - low) for share in [0.001, 0.3, 0.5, 0.95]]
        cases.append({"mean": mean, "deviation": deviation, "low": low, "high": high, "shares": shares, "quantiles": d.ppf(shares).tolist(),
                      "at": at, "logDensity": d.logpdf(at).tolist()})
    return cases


def wilcoxon():
    random = np.random.default_rng(3)
    lists = [random.normal(shift, 1, n).tolist() for shift, n in [(0, 5), (0.5, 8), (1, 12), (-0.3, 30), (0.2, 50), (0.1, 60)]]
    lists += [[0.0, 0.0, 1.0, 2.0, -1.0, 3.0, 0.5], [1.0, 1.0, -1.0, 2.0, 0.0, 2.0], [1.0, 2.0], [-3.0, -2.0, -1.0]]
    return [{"differences": d, "greater": float(stats.wilcoxon(d, alternative="greater", zero_method="zsplit").pvalue)} for d in lists]


def process():
    random = np.random.default_rng(5)
    cases = []
    for n, d, noise in [(12, 1, 1e-3), (25, 3, 0.02), (40, 5, 1e-5)]:
        x = random.random((n, d))
        y = np.sin(5 * x).sum(axis=1) + 0.1 * random.normal(size=n)
        y = (y - y.mean()) / y.std()
        lengths = random.uniform(0.2, 1.5, d)
        kernel = ConstantKernel(1.7) * Matern(lengths, nu=2.5) + WhiteKernel(noise)
        fitted = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(x, y)
        at = random.random((6, d))
        # The posterior of the function itself, without the noise of a new observation.
        plain = GaussianProcessRegressor(ConstantKernel(1.7) * Matern(lengths, nu=2.5), alpha=noise, optimizer=None).fit(x, y)
        mean, deviation = plain.predict(at, return_std=True)
        likelihood, gradient = fitted.log_marginal_likelihood(fitted.kernel_.theta, eval_gradient=True)
        cases.append({"x": x.tolist(), "y": y.tolist(), "lengths": lengths.tolist(), "scale": 1.7, "noise": noise, "at": at.tolist(),
                      "mean": mean.tolist(), "variance": (deviation ** 2).tolist(), "logLikelihood": float(likelihood),
                      "gradient": {"scale": float(gradient[0]), "lengths": gradient[1:1 + d].tolist(), "noise": float(gradient[-1])}})
    return cases


def improvement():
    z = [-1e6, -1e5, -1e3, -60.0, -49.0, -30.0, -24.0, -5.0, -1.01, -0.99, 0.0, 1.0, 5.0, 30.0]
    values = [float(mpmath.log(mpmath.mpf(v) * mpmath.ncdf(v) + mpmath.npdf(v))) if v > -40 else tail(v) for v in z]
    return {"z": z, "logUnit": values}


def tail(z):
    """log(phi(z)) + log(1 - |z| R(|z|)) with Mills' ratio R as a continued fraction, in 60 digits."""
    x = mpmath.mpf(-z)
    fraction = x
    for k in range(400, 0, -1):
        fraction = x + k / fraction
    ratio = 1 / fraction
    return float(-x * x / 2 - mpmath.log(2 * mpmath.pi) / 2 + mpmath.log(1 - x * ratio))


out = {"sobol": sobol(), "normal": normal(), "truncated": truncated(), "wilcoxon": wilcoxon(), "process": process(), "improvement": improvement()}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size)
