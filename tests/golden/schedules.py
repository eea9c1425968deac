"""Golden learning rates from PyTorch. Run: /usr/bin/python3 tests/golden/schedules.py

The rate of every step of a run of 10 epochs with 7 steps each, peak 0.4. cosine, step by shares and one-cycle are in training.py.
"""
import json
import pathlib

import torch

S = torch.optim.lr_scheduler
STEPS, EPOCHS, PEAK = 7, 10, 0.4


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)


def rates(make):
    o = optimizer()
    schedule = make(o)
    seen = []
    for _ in range(STEPS * EPOCHS):
        seen.append(o.param_groups[0]["lr"])
        o.step()
        schedule.step()
    return seen


def warm(make, steps):
    return lambda o: S.SequentialLR(o, [S.LinearLR(o, start_factor=0.01, total_iters=steps), make(o)], [steps])


def plateau(figures, **options):
    o = optimizer()
    schedule = S.ReduceLROnPlateau(o, **options)
    seen = []
    for epoch in range(EPOCHS * 3):
        seen.append(o.param_groups[0]["lr"])
        schedule.step(figures[epoch])
    return seen


LOSSES = [2.0, 1.5, 1.49999, 1.6, 1.4, 1.41, 1.42, 1.43, 1.44, 1.45, 1.3, 1.2999, 1.35, 1.36, 1.37, 1.38, 1.2, 1.21, 1.22, 1.19,
          1.19, 1.19, 1.19, 1.19, 1.19, 1.19, 1.19, 1.19, 1.19, 1.19]
ACCURACIES = [round(1 - 0.4 * loss, 6) for loss in LOSSES]
golden = {
    "stepEpochs": rates(lambda o: S.StepLR(o, 3 * STEPS, gamma=0.3)),
    "multiStep": rates(lambda o: S.MultiStepLR(o, [2 * STEPS, 5 * STEPS, 8 * STEPS], gamma=0.2)),
    "exponential": rates(lambda o: S.ExponentialLR(o, gamma=0.01 ** (1 / (STEPS * EPOCHS)))),
    "exponentialWarm": rates(warm(lambda o: S.ExponentialLR(o, gamma=0.01 ** (1 / (STEPS * 8))), 14)),
    "polynomial": rates(lambda o: S.PolynomialLR(o, STEPS * EPOCHS, power=0.9)) if hasattr(S, "PolynomialLR") else rates(
        lambda o: S.LambdaLR(o, lambda step: (1 - step / (STEPS * EPOCHS)) ** 0.9)),
    "linearWarm": rates(warm(lambda o: S.LinearLR(o, start_factor=1, end_factor=0.05, total_iters=STEPS * 8), 14)),
    "plateauFigures": LOSSES,
    "plateau": plateau(LOSSES, factor=0.5, patience=2, threshold=1e-3, min_lr=0.4 * 0.05),
    "plateauCooldown": plateau(LOSSES, factor=0.1, patience=1, cooldown=3, threshold=1e-4, min_lr=0.4 * 0.001),
    "plateauAccuracyFigures": ACCURACIES,
    "plateauAccuracy": plateau(ACCURACIES, mode="max", factor=0.5, patience=2, threshold=1e-3, min_lr=0.4 * 0.05),
}
pathlib.Path(__file__).with_name("schedules.json").write_text(json.dumps(golden) + "\n")
