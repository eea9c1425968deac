#!/usr/bin/env python3
"""Makes tests/golden/throughput/timm.csv and src/Sightline.Compute/Planning/calibration.json.

Input: benchmark-train-amp-{nhwc,nchw}-pt112-cu113-rtx3090.csv and benchmark-infer-amp-nhwc-pt113-cu117-rtx3090.csv of
huggingface/pytorch-image-models, results/, commit aa4b585 (Apache-2.0): the training speed of 834 and 838 models on one RTX 3090,
mixed precision, synthetic data; multiply-accumulates and convolution outputs from the inference file.

Usage (Debian's python3-numpy and python3-scipy): tests/golden/throughput.py FOLDER_OF_THE_CSVS
"""
import csv
import json
import math
import pathlib
import re
import sys
from collections import defaultdict

import numpy as np
from scipy.optimize import lsq_linear

ROOT = pathlib.Path(__file__).resolve().parents[2]

# family: what the speed test leaves out as a whole. First match wins; what matches nothing is no convolutional network.
FAMILIES = [
    (r"^(wide_)?resnet(v2)?\d|^resnetv2|^resnetblur|^resnetaa", "resnet"),
    (r"^resnetrs", "resnetrs"),
    (r"^resnext", "resnext"),
    (r"^(se|eca|gc|sk|csp)resnext", "seresnext"),
    (r"^((se|eca|sk|gc|csp)resnet|senet)", "seresnet"),
    (r"^resnest", "resnest"), (r"^res2ne", "res2net"), (r"^densenet", "densenet"),
    (r"^efficientnetv2", "efficientnetv2"), (r"^efficientnet", "efficientnet"),
    (r"^mobilenetv2", "mobilenetv2"), (r"^mobilenetv3|^hardcorenas|^lcnet|^fbnetv3", "mobilenetv3"),
    (r"^(se)?mnasnet|^spnasnet|^fbnetc", "mnasnet"), (r"^mixnet", "mixnet"), (r"^tinynet", "tinynet"),
    (r"^ghostnet", "ghostnet"), (r"^rexnet", "rexnet"), (r"^regnetx", "regnetx"), (r"^regnet[yvz]", "regnety"),
    (r"^vgg", "vgg"), (r"^inception", "inception"), (r"^xception", "xception"), (r"^convnext", "convnext"), (r"^dla", "dla"),
    (r"^dpn", "dpn"), (r"^hrnet", "hrnet"), (r"vovnet", "vovnet"), (r"^repvgg", "repvgg"), (r"^selecsls", "selecsls"),
    (r"^tresnet", "tresnet"), (r"^(cs3|csp|se)?\w*darknet|^cs3", "darknet"), (r"^gernet", "gernet"), (r"^(dm_|eca_)?nf", "nfnet"),
    (r"^p?nasnet", "nasnet"),
]
# blocks: same layers, same activation, same norm; the unit of the memory figures.
BLOCKS = [
    (r"^(eca_)?(se|gc)?resnex?t(26ts|33ts|32ts|51q|61q)|^bat_resnext|^gcresnext26ts", "resnet_silu"),
    (r"^resnetv2_.*(evo|gn|frn)|^resnet50_gn", "resnet_othernorm"), (r"^resnetv2.*bit", "bit"),
    (r"^(resnetblur|resnetaa|seresnetaa|seresnextaa)", "resnet_aa"), (r"^resnetrs", "resnetrs"), (r"^resnest", "resnest"),
    (r"^res2ne", "res2net"), (r"^csp(resne|darknet)|^cs3|^(se)?darknet", "csp"), (r"^sk", "sk"), (r"^gcres", "gc"),
    (r"^(wide_resnet|resnetv2_|resnet\d)", "resnet"), (r"^resnext", "resnext"), (r"^(se|eca)resnet|^ecaresnetlight", "seresnet"),
    (r"^(se|eca)resnext|^senet154", "seresnext"), (r"^densenet", "densenet"), (r"^efficientnetv2|^gc_eff", "efficientnetv2"),
    (r"^efficientnet_lite", "efficientnet_lite"), (r"^efficientnet_(es|em|el)", "efficientnet_edge"),
    (r"^efficientnet_b.*gn", "efficientnet_gn"), (r"^efficientnet_cc", "efficientnet_cc"), (r"^efficientnet", "efficientnet"),
    (r"^mobilenetv2", "mobilenetv2"), (r"^mobilenetv3|^hardcorenas|^lcnet|^fbnetv3", "mobilenetv3"),
    (r"^(se)?mnasnet|^spnasnet|^fbnetc", "mnasnet"), (r"^regnetx", "regnetx"), (r"^regnety.*gn|^regnetz.*evo", "regnet_othernorm"),
    (r"^regnety", "regnety"), (r"^regnet[zv]", "regnetz"), (r"^vgg\d+_bn", "vgg_bn"), (r"^vgg", "vgg"),
    (r"^inception_res", "inception_resnet"), (r"^inception", "inception"), (r"^xception", "xception"), (r"^convnext", "convnext"),
    (r"^(dm_|eca_)?nfnet", "nfnet"), (r"^nf_regnet", "nf_regnet"), (r"^nf_", "nf_resnet"), (r"^ese_.*evos", "vovnet_evos"),
    (r"vovnet", "vovnet"), (r"^deit", "deit"), (r"^beit", "beit"), (r"^vit_.*(_r\d+|resnet)", "vit_hybrid"), (r"^vit", "vit"),
    (r"^swinv2_cr", "swinv2_cr"), (r"^swinv2", "swinv2"), (r"^swin", "swin"),
]
# The blocks that are made of the layer kinds of Sightline's catalogue: convolution, batch or layer norm, pointwise activation,
# squeeze-excitation, pooling.
CATALOGUE_BLOCKS = {
    "resnet", "resnext", "seresnet", "seresnext", "densenet", "efficientnet", "efficientnetv2", "efficientnet_lite", "efficientnet_edge",
    "mobilenetv2", "mobilenetv3", "mnasnet", "regnetx", "regnety", "regnetz", "vgg", "vgg_bn", "inception", "inception_resnet", "convnext",
    "resnet_silu", "xception",
}
CATALOGUE_FAMILIES = {
    "resnet", "resnext", "seresnet", "seresnext", "vgg", "regnety", "regnetx", "mobilenetv2", "mobilenetv3", "efficientnet",
    "efficientnetv2", "densenet", "convnext", "mnasnet", "inception",
}
GATED = (r"^(seres|ecares|skres|gcres|senet|regnet[yzv]|efficientnet_b|efficientnet_cc|efficientnetv2|mobilenetv3|lcnet|hardcore|fbnetv3"
         r"|semnas|rexnet|mixnet|tinynet|ghostnet|nf_se|nf_eca|nfnet|dm_nf|eca_|nf_regnet|resnetrs|resnest|ese_|tresnet|cs3se|sedark)")
SMOOTH = (r"^(efficientnet_b|efficientnet_cc|efficientnetv2|mobilenetv3|lcnet|hardcore|fbnetv3|rexnet|mixnet|tinynet|nfnet|dm_nf|eca_nf"
          r"|nf_regnet|regnetz|cs3|convnext|(se|gc)?resnet33ts|resnet32ts|resnet51q|resnet61q)")
OTHER = r"(bit|nf_|nfnet|evos|gn$|frn|evob|blur|aa\d|aadet|^resnetaa|_gn|pruned)|^sk|^gc|resnest|mixnet|tresnet"


def first(table, name):
    return next((label for pattern, label in table if re.search(pattern, name)), None)


def describe(model):
    name = re.sub(r"^(tf|tv|gluon|swsl|ssl|ig|legacy|adv|ens|jx)_", "", model)
    plain = bool(re.search("lite|minimal", name))
    bare = re.sub(r"^(eca_|bat_|se)", "", name)
    return {
        "family": first(FAMILIES, name) or "",
        "blocks": "pruned" if "pruned" in model else first(BLOCKS, name) or re.match("[a-z]+", bare).group(0),
        "gated": int(bool(re.search(GATED, name)) and not plain),
        "smooth": int(bool(re.search(SMOOTH, name)) and not plain),
        "other": int(bool(re.search(OTHER, name)) or "pruned" in model),
    }


def table(folder):
    def read(name):
        with open(folder / name) as file:
            return {row["model"]: row for row in csv.DictReader(file)}

    costs = read("benchmark-infer-amp-nhwc-pt113-cu117-rtx3090.csv")
    nchw = read("benchmark-train-amp-nchw-pt112-cu113-rtx3090.csv")
    rows = []
    for model, row in read("benchmark-train-amp-nhwc-pt112-cu113-rtx3090.csv").items():
        cost = costs.get(model)
        if not cost or float(cost["infer_gmacs"]) <= 0:
            continue
        # The inference benchmark of a few models took larger pictures; both counts go with the area.
        area = (int(row["train_img_size"]) / int(cost["infer_img_size"])) ** 2
        rows.append({"model": model, **describe(model), "gmacs": round(float(cost["infer_gmacs"]) * area, 4),
                     "macts": round(float(cost["infer_macts"]) * area, 4), "mparams": float(row["param_count"]),
                     "size": int(row["train_img_size"]), "batch": int(row["train_batch_size"]),
                     "nhwc": float(row["train_samples_per_sec"]),
                     "nchw": float(nchw[model]["train_samples_per_sec"]) if model in nchw else ""})
    return rows


# ---- speed: milliseconds per picture = a GMACs + (b + c gated + d smooth) million activations, least absolute relative error
def features(rows):
    return np.array([[r["gmacs"], r["macts"], r["macts"] * r["gated"], r["macts"] * r["smooth"]] for r in rows])


def fit_speed(rows):
    x, y = features(rows), np.array([milliseconds(r) for r in rows])
    a, weights = x / y[:, None], np.ones(len(y))
    for _ in range(60):
        c = lsq_linear(a * weights[:, None], weights, (0, np.inf)).x
        weights = 1 / np.sqrt(np.maximum(np.abs(a @ c - 1), 1e-3))
    return c


def milliseconds(row):
    return 1000 / max(row["nhwc"], row["nchw"] or 0)


def distinct(rows):
    """One row per architecture: other weights of the same network are the same measurement again."""
    return list({(r["family"] or r["blocks"], round(r["gmacs"], 2), round(r["macts"], 2), r["mparams"], r["size"], r["batch"]): r for r in reversed(rows)}.values())[::-1]


def speed_table(rows):
    rows = [r for r in distinct(rows) if r["family"] in CATALOGUE_FAMILIES and not r["other"]]
    c = fit_speed(rows)
    ratio = np.array([milliseconds(r) for r in rows]) / (features(rows) @ c)
    by_family = defaultdict(list)
    for r, value in zip(rows, ratio):
        by_family[r["family"]].append(value)
    held_out, known = [], []
    for family in by_family:
        rest = [r for r in rows if r["family"] != family]
        part = [r for r in rows if r["family"] == family]
        held_out += list(np.array([milliseconds(r) for r in part]) / (features(part) @ fit_speed(rest)))
        values = by_family[family]
        for i, value in enumerate(values):
            others = np.log(values[:i] + values[i + 1:])
            if len(others) > 1:
                known.append(value / math.exp(np.median(others)))
    quantiles = lambda values: [round(float(q), 3) for q in np.quantile(values, [0.05, 0.95])]
    return {
        "rows": len(rows), "families": len(by_family),
        "millisecondsPerGigaMac": round(c[0], 5), "millisecondsPerMegaActivation": round(c[1], 5),
        "extraGated": round(c[2], 5), "extraSmooth": round(c[3], 5),
        "familyFactors": {f: round(math.exp(float(np.median(np.log(v)))), 3) for f, v in sorted(by_family.items())},
        "timeRangeKnownFamily": quantiles(known), "timeRangeOtherFamily": quantiles(held_out),
    }


# ---- memory: fixed + bytesPerActivation x activations x batch; the benchmark's batch fitted into 24 GiB, its next one did not
CONTEXT, PER_PARAMETER, USABLE = 1.0e9, 14, 0.98 * 24576 * 2**20
STEPS = [512]
while STEPS[-1] > 1:  # timm/utils/decay_batch.py
    power = 2 ** int(math.log2(STEPS[-1] - 1)) if STEPS[-1] > 1 else 1
    half = max(power // 2, 1)
    STEPS.append(power + ((STEPS[-1] - power - 1) // half) * half)
NEXT = dict(zip(STEPS[1:], STEPS))


def bracket(row, capacity=USABLE):
    free = capacity - CONTEXT - PER_PARAMETER * row["mparams"] * 1e6
    return free / (NEXT[row["batch"]] * row["macts"] * 1e6), free / (row["batch"] * row["macts"] * 1e6)


def margin(count):
    """What an estimate is multiplied with before it may be said to fit: the fewer rows of a kind, the more."""
    return 1.1 + 0.6 / count


def choose(part):
    """Most rows on the right side of both ends, then the middle of what is left; never "fits" with the margin where it did not."""
    limits = [bracket(row) for row in part]
    least = max(bracket(row, USABLE / margin(len(part)))[0] for row in part) * 1.0005
    ends = sorted({end for limit in limits for end in limit})
    middles = [math.sqrt(low * high) for low, high in [*zip(ends, ends[1:]), *limits]]
    candidates = {c for c in (*middles, *(end * 1.001 for end in ends)) if c >= least} | {least}
    return max(sorted(candidates, reverse=True), key=lambda c: (  # of equals the largest, which says "fits" the least
        sum(low < c <= high for low, high in limits), round(sum(min(math.log(c / low), math.log(high / c), 0.2) for low, high in limits), 6)))


def memory_table(rows):
    groups = defaultdict(list)
    for row in rows:
        if row["batch"] < 512 and row["blocks"] in CATALOGUE_BLOCKS:
            groups[row["blocks"]].append(row)
    result = {blocks: round(choose(part), 3) for blocks, part in sorted(groups.items())}
    lows = [bracket(row)[0] / result[b] for b, part in groups.items() for row in part]  # the truth is above this share of the estimate
    return {"rows": sum(map(len, groups.values())), "contextBytes": CONTEXT, "bytesPerActivation": result,
            "rowsOf": {blocks: len(part) for blocks, part in sorted(groups.items())},
            "rangeLow": round(float(np.quantile(lows, 0.1)), 3), "median": round(float(np.median(list(result.values()))), 2)}


# ---- across GPUs: lambdal/deeplearning-benchmark, pytorch-train-throughput-fp16.csv and -fp32.csv, ResNet-50 at 224 px
LAMBDA = [  # GPU of the table, GB/s, FP32 TFLOPS, images/s mixed, images/s FP32 or TF32
    ("v100-16", 900, 15.7, 833, 369), ("rtx3090", 936, 35.6, 905, 513), ("a10", 600, 31.2, 638, 349), ("rtx-a6000", 768, 38.7, 916, 514),
    ("a100-40", 1555, 19.5, 1396, 882), ("a100-80-pcie", 1935, 19.5, 1527, 1014), ("a100-80-sxm", 2039, 19.5, 1582, 1066),
    ("rtx6000-ada", 960, 91.1, 1146, 647), ("rtx4090", 1008, 82.6, 1301, 721), ("quadro-rtx8000", 672, 16.3, 651, 274),
    ("h100-pcie", 2000, 51, 1866, 1197), ("h100-sxm", 3350, 67, 2616, 1753), ("h100-sxm", 3350, 67, 2791, 1898),
]


def gpu_table():
    x = np.array([[1, math.log(r[1]), math.log(r[2])] for r in LAMBDA])
    y = np.log([r[3] for r in LAMBDA])
    c = np.linalg.lstsq(x, y, rcond=None)[0]
    return {
        "intercept": round(float(c[0]), 5), "bandwidthExponent": round(float(c[1]), 5), "fp32Exponent": round(float(c[2]), 5),
        "resnet50": [{"gpu": r[0], "bandwidth": r[1], "fp32Tflops": r[2], "mixed": r[3], "single": r[4]} for r in LAMBDA],
    }


def main():
    rows = table(pathlib.Path(sys.argv[1]))
    target = ROOT / "tests/golden/throughput/timm.csv"
    with open(target, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    calibration = {
        "made": "2026-11-24",
        "sources": [
            "huggingface/pytorch-image-models results/benchmark-train-amp-{nhwc,nchw}-pt112-cu113-rtx3090.csv @aa4b585 (Apache-2.0)",
            "lambdal/deeplearning-benchmark pytorch/pytorch-train-throughput-{fp16,fp32}.csv, ResNet-50, 224 px",
        ],
        "speed": speed_table(rows), "memory": memory_table(rows), "gpus": gpu_table(),
    }
    (ROOT / "src/Sightline.Compute/Planning/calibration.json").write_text(json.dumps(calibration, indent=2) + "\n")


main()
