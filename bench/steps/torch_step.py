"""One training step of torchvision's model in PyTorch: the other side of the step benchmark.

usage: torch_step.py MODEL SIZE BATCH LAYOUT STEPS [PRECISION]    (LAYOUT: contiguous or channels_last; PRECISION: fp32 or bf16)
Prints the median milliseconds of a step (forward, loss, backward, SGD with Nesterov momentum), after 3 steps of warm-up, and the process's
peak resident memory in MiB.
"""
import os
import resource
import statistics
import sys
import time

import torch
import torchvision

name, size, batch, layout, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
is_bf16 = sys.argv[6:] == ["bf16"]
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
torch.manual_seed(1)
model = getattr(torchvision.models, name)(num_classes=10).train()
images = torch.randn(batch, 3, size, size)
labels = torch.arange(batch) % 10
if layout == "channels_last":
    model = model.to(memory_format=torch.channels_last)
    images = images.contiguous(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, foreach=True)
criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
times = []
for i in range(steps + 3):
    began = time.perf_counter()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_bf16):
        logits = model(images)
    loss = criterion(logits.float(), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if i >= 3:
        times.append(time.perf_counter() - began)
print(f"{statistics.median(times) * 1000:.1f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
