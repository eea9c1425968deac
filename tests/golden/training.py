"""Golden figures of optimisers and schedules from PyTorch. Run: /usr/bin/python3 tests/golden/training.py

Optimisers: 100 steps on weights [3,4] and a bias [5] from stated formulas; the gradient of each step is a formula too.
Schedules: the learning rate of every step of a run of 10 epochs with 7 steps each, peak 0.4.
"""
import json
import math
import pathlib

import torch


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
