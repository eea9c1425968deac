"""One epoch of a torchvision model on class folders, from files to saved weights: the other side of the epoch benchmark.

usage: torch_epoch.py FOLDER MODEL BATCH PRECISION OUT     (FOLDER has train/ and validation/; PRECISION: fp32 or bf16)
Prints training seconds (with the loader), validation accuracy and peak resident memory in MiB of this process.
"""
import resource
import sys
import time

import torch
import torchvision
from torchvision import transforms

folder, name, batch, precision, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
torch.set_num_threads(2)
torch.manual_seed(1)
normalise = [transforms.ToTensor(), transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
train = torchvision.datasets.ImageFolder(
    f"{folder}/train", transforms.Compose([transforms.RandomResizedCrop(224, scale=(0.35, 1)), transforms.RandomHorizontalFlip(), *normalise]))
validation = torchvision.datasets.ImageFolder(
    f"{folder}/validation", transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), *normalise]))
loader = torch.utils.data.DataLoader(train, batch, shuffle=True, drop_last=True, num_workers=2)
judged = torch.utils.data.DataLoader(validation, batch, num_workers=2)
model = getattr(torchvision.models, name)(num_classes=len(train.classes)).to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4, foreach=True)
criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)

began = time.perf_counter()
model.train()
for images, labels in loader:
    images = images.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        logits = model(images)
    loss = criterion(logits.float(), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
trained = time.perf_counter() - began

model.eval()
right = 0
with torch.inference_mode():
    for images, labels in judged:
        right += (model(images.contiguous(memory_format=torch.channels_last)).argmax(1) == labels).sum().item()
torch.save(model.state_dict(), out)
print(f"{trained:.1f} {right / len(validation):.4f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
