"""Golden figures of optimisers and schedules from PyTorch. Run: /usr/bin/python3 tests/golden/training.py

Optimisers: 100 steps on weights [3,4] and a bias [5] from stated formulas; the gradient of each step is a formula too.
LAMB and Lion, which PyTorch lacks: the papers' algorithms in float64. Adaptive clipping: Brock et al. 2021, equation 3, in float64.
Schedules: the learning rate of every step of a run of 10 epochs with 7 steps each, peak 0.4.
"""
import json
import math
import pathlib

import numpy
import torch
import torch.optim.swa_utils


def values(count, phase):
    return torch.tensor([math.sin(0.7 * i + phase) for i in range(count)], dtype=torch.float32)


def optimise(make, clip):
    weight = torch.nn.Parameter(values(12, 0.1).reshape(3, 4))
    bias = torch.nn.Parameter(values(5, 0.2))
    optimizer = make(weight, bias)
    for step in range(100):
        weight.grad = values(12, 0.3 * step).reshape(3, 4) + 0.1 * weight.detach()
        bias.grad = values(5, 0.5 * step) + 0.1 * bias.detach()
        if clip:
            torch.nn.utils.clip_grad_norm_([weight, bias], clip)
        optimizer.step()
    return weight.flatten().tolist() + bias.tolist()


def array(count, phase):
    return numpy.array([math.sin(0.7 * i + phase) for i in range(count)])


def transcribed(update):
    """100 steps of a plain transcription; update(parameter, gradient, state, step, decay) gives the new parameter."""
    parameters, states = [array(12, 0.1).reshape(3, 4), array(5, 0.2)], [{}, {}]
    for step in range(100):
        gradients = [array(12, 0.3 * step).reshape(3, 4), array(5, 0.5 * step)]
        for i, decay in enumerate([0.01, 0.0]):
            gradient = gradients[i] + 0.1 * parameters[i]
            parameters[i] = update(parameters[i], gradient, states[i], step + 1, decay)
    return numpy.concatenate([p.flatten() for p in parameters]).tolist()


def lamb(x, g, state, t, decay, rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-6):
    """You et al. 2020, algorithm 2, phi(z) = z; one-dimensional parameters take Adam's step, as the authors' code excludes them."""
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g ** 2
    r = (m / (1 - beta1 ** t)) / (numpy.sqrt(v / (1 - beta2 ** t)) + epsilon)
    u = r + decay * x
    return x - rate * (numpy.linalg.norm(x) / numpy.linalg.norm(u) if x.ndim > 1 else 1) * u


def lion(x, g, state, t, decay, rate=0.001, beta1=0.9, beta2=0.99):
    """Chen et al. 2023, algorithm 2."""
    m = state.get("m", 0)
    c = beta1 * m + (1 - beta1) * g
    state["m"] = beta2 * m + (1 - beta2) * g
    return x - rate * (numpy.sign(c) + decay * x)


def adaptively_clipped(weight, gradient, clip=0.01, epsilon=1e-3):
    axes = tuple(range(1, weight.ndim)) or None
    norm = lambda a: numpy.sqrt((a ** 2).sum(axis=axes, keepdims=True))
    limit = clip * numpy.maximum(norm(weight), epsilon)
    return numpy.where(norm(gradient) > limit, gradient * limit / numpy.maximum(norm(gradient), 1e-6), gradient).flatten().tolist()


def moving_average(decay=0.95, gamma=2.0, power=0.75):
    """timm/utils/model_ema.py, ModelEmaV3 with warm-up, in float64, over the values of 100 steps."""
    average = array(12, 0.0)
    for update in range(1, 101):
        step = update - 1
        d = min(decay, 1 - (1 + step / gamma) ** -power) if step > 0 else 0.0
        average = d * average + (1 - d) * array(12, 0.3 * update)
    return average.tolist()


def stochastic_average():
    """torch.optim.swa_utils.AveragedModel at the ends of the last 5 of 20 epochs of 5 steps."""
    norm = torch.nn.BatchNorm1d(3)
    averaged = torch.optim.swa_utils.AveragedModel(norm, use_buffers=True)
    parts = lambda n: [n.weight, n.bias, n.running_mean, n.running_var]
    for step in range(80, 101, 5):
        if step > 75:
            with torch.no_grad():
                for tensor, new in zip(parts(norm), values(12, 0.3 * step).split(3)):
                    tensor.copy_(new)
            averaged.update_parameters(norm)
    return torch.cat(parts(averaged.module)).tolist()


def groups(weight, bias, decay):
    return [{"params": [weight], "weight_decay": decay}, {"params": [bias], "weight_decay": 0.0}]


def rates(make):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.4)
    schedule = make(optimizer)
    seen = []
    for _ in range(70):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


S = torch.optim.lr_scheduler
golden = {
    "sgd": optimise(lambda w, b: torch.optim.SGD(groups(w, b, 0.01), lr=0.05, momentum=0.9, nesterov=True), 0),
    "sgdPlain": optimise(lambda w, b: torch.optim.SGD(groups(w, b, 0.01), lr=0.05), 0),
    "sgdClipped": optimise(lambda w, b: torch.optim.SGD(groups(w, b, 0.01), lr=0.05, momentum=0.9, nesterov=True), 1.0),
    "adamW": optimise(lambda w, b: torch.optim.AdamW(groups(w, b, 0.01), lr=0.01), 0),
    "adam": optimise(lambda w, b: torch.optim.Adam(groups(w, b, 0.01), lr=0.01), 0),
    "rmsProp": optimise(lambda w, b: torch.optim.RMSprop(groups(w, b, 0.01), lr=0.01, alpha=0.9, eps=0.0316, momentum=0.9), 0),
    "rmsPropPlain": optimise(lambda w, b: torch.optim.RMSprop(groups(w, b, 0.01), lr=0.01, alpha=0.9, eps=0.0316), 0),
    "sgdNoNesterov": optimise(lambda w, b: torch.optim.SGD(groups(w, b, 0.01), lr=0.05, momentum=0.9), 0),
    "scaledGroups": optimise(lambda w, b: torch.optim.AdamW(
        [{"params": [w], "lr": 0.0025, "weight_decay": 0.2}, {"params": [b], "lr": 0.01, "weight_decay": 0.0}]), 0),
    "lamb": transcribed(lamb),
    "lion": transcribed(lion),
    # Rows of weights of size 1, 0.1, 0.01 and 0: the last two meet the smallest norm; rows of gradients large and small.
    "adaptiveWeight": adaptively_clipped(
        array(12, 0.1).reshape(4, 3) * numpy.array([[1], [0.1], [1e-4], [0]]), array(12, 0.3).reshape(4, 3) * numpy.array([[1], [1e-4], [1], [1e-7]])),
    "adaptiveVector": adaptively_clipped(array(5, 0.2), array(5, 0.5)),
    "movingAverage": moving_average(),
    "stochasticAverage": stochastic_average(),
    "cosine": rates(lambda o: S.SequentialLR(o, [
        S.LinearLR(o, start_factor=0.01, total_iters=14), S.CosineAnnealingLR(o, T_max=56, eta_min=0.0004)], [14])),
    "step": rates(lambda o: S.MultiStepLR(o, [35, 53], gamma=0.1)),
}
# OneCycleLR may be stepped total_steps - 1 times only.
parameter = torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([parameter], lr=0.4)
one_cycle = S.OneCycleLR(optimizer, max_lr=0.4, total_steps=70, pct_start=0.25, div_factor=25, final_div_factor=4000, cycle_momentum=False)
golden["oneCycle"] = []
for step in range(70):
    golden["oneCycle"].append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    if step < 69:
        one_cycle.step()
pathlib.Path(__file__).with_name("training.json").write_text(json.dumps(golden) + "\n")
