"""Golden figures of losses: PyTorch, torchvision, and the papers' formulas in float64. Run: /usr/bin/python3 tests/golden/losses.py

Logits [6,5] and labels are stated formulas that the test repeats. Each case has the loss of hard labels and of labels mixed with those of the
picture before (share 0.7), and the gradient of both for the logits. Smoothing and class weights as named.
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision

N, K, SHARE = 6, 5, 0.7
LABELS = torch.tensor([0, 1, 2, 3, 4, 2])
COUNTS = np.array([500, 120, 40, 9, 1], dtype=np.float64)
WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 0.25, 1.5], dtype=torch.float64)
HARD = F.one_hot(LABELS, K).double()
SOFT = SHARE * HARD + (1 - SHARE) * HARD.roll(1, 0)


def logits():
    return torch.tensor([[4.0 * math.sin(1.3 * (i * K + k)) for k in range(K)] for i in range(N)], dtype=torch.float64, requires_grad=True)


def case(loss):
    """loss: (logits, targets float64 [N,K]) -> scalar."""
    result = {}
    for name, targets in (("hard", HARD), ("soft", SOFT)):
        x = logits()
        value = loss(x, targets)
        value.backward()
        result[name] = value.item()
        result[name + "Gradient"] = x.grad.flatten().tolist()
    return result


def smooth(targets, smoothing):
    return targets * (1 - smoothing) + smoothing / K


def mixture(of_rows):
    """The mixture of the losses of two hard labels, as MixUp's authors train: exact for what is linear in the targets."""
    def loss(x, targets):
        if torch.equal(targets, HARD):
            return of_rows(x, HARD).mean()
        return (SHARE * of_rows(x, HARD) + (1 - SHARE) * of_rows(x, HARD.roll(1, 0))).mean()
    return loss


def focal(alpha, gamma):
    return mixture(lambda x, t: torchvision.ops.sigmoid_focal_loss(x, t, alpha=-1 if alpha is None else alpha, gamma=gamma, reduction="none").sum(1))


def asymmetric_rows(positive, negative, margin):
    """Ben-Baruch et al. 2021, equations 4 to 6, as printed."""
    def rows(x, t):
        p = torch.sigmoid(x)
        shifted = torch.clamp(p - margin, min=0)
        yes = (1 - p) ** positive * torch.log(p)
        no = shifted ** negative * torch.log(1 - shifted)
        return -(t * yes + (1 - t) * no).sum(1)
    return rows


def timm_bce(x, targets, smoothing, threshold, total):
    """timm/loss/binary_cross_entropy.py: BinaryCrossEntropy, with targets given densely."""
    t = smooth(targets, smoothing)
    if threshold is not None:
        t = t.gt(threshold).to(t.dtype)
    elements = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    return elements.sum(-1).mean() if total else elements.mean()


def cross_entropy(x, targets, smoothing, weight=None):
    given = LABELS if torch.equal(targets, HARD) else targets
    return F.cross_entropy(x, given, weight=weight, label_smoothing=smoothing)


PRIOR = torch.from_numpy(np.log(COUNTS / COUNTS.sum()))
TEACHER = torch.tensor([[3.0 * math.cos(0.9 * (i * K + k)) for k in range(K)] for i in range(N)], dtype=torch.float64)


def distilled(x, targets, temperature, weight):
    soft = F.kl_div(F.log_softmax(x / temperature, 1), F.softmax(TEACHER / temperature, 1), reduction="batchmean") * temperature ** 2
    return (1 - weight) * F.cross_entropy(x, targets, label_smoothing=0.1) + weight * soft


golden = {
    "crossEntropy": case(lambda x, t: cross_entropy(x, t, 0)),
    "crossEntropySmoothed": case(lambda x, t: cross_entropy(x, t, 0.1)),
    "crossEntropyWeighted": case(lambda x, t: cross_entropy(x, t, 0.1, WEIGHTS)),
    "bce": case(lambda x, t: timm_bce(x, t, 0.1, None, True)),
    "bceMean": case(lambda x, t: timm_bce(x, t, 0.1, None, False)),
    "bceThreshold": case(lambda x, t: timm_bce(x, t, 0.1, 0.2, True)),
    "bceWeighted": case(lambda x, t: (F.binary_cross_entropy_with_logits(x, t, reduction="none").sum(1) * (t @ WEIGHTS)).mean()),
    "focal": case(focal(0.25, 2.0)),
    "focalWithoutAlpha": case(focal(None, 0.5)),
    "asymmetric": case(mixture(asymmetric_rows(0, 4, 0.05))),
    "asymmetricNoMargin": case(mixture(asymmetric_rows(1, 2.5, 0))),
    "logitAdjusted": case(lambda x, t: F.cross_entropy(x + PRIOR, t)),
    "logitAdjustedHalf": case(lambda x, t: F.cross_entropy(x + 0.5 * PRIOR, t, label_smoothing=0.1)),
    "distilled": case(lambda x, t: distilled(x, t, 4.0, 0.9)),
}
pathlib.Path(__file__).with_name("losses.json").write_text(json.dumps(golden) + "\n")
