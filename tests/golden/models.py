#!/usr/bin/python3
"""Golden figures of the model zoo and the weights readers, from torch 1.13 and torchvision 0.14.1 (Debian's python3-torchvision).

    /usr/bin/python3 tests/golden/models.py            writes tests/golden/models/*
    /usr/bin/python3 tests/golden/models.py --counts   prints parameters, state keys, MACs and crop of every model (slow)
    /usr/bin/python3 tests/golden/models.py --live [--sightline ./sightline] [NAME ...]
                                                       compares logits through the command line, for any weights

Weights come from a formula, so that none are stored: element i of the tensor with key K is a function of u(K, i) in [-1, 1),
u = top 24 bits of a 32-bit mix of FNV-1a(K) and i. The C# tests hold the same formula (FormulaWeights.cs).
The figures are computed in float64, so that the differences seen are float32's own.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import torchvision
from torch import nn

warnings.filterwarnings("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
FAMILIES = ["resnet18", "resnet50", "resnext50_32x4d", "densenet121", "efficientnet_b0", "efficientnet_b5", "efficientnet_v2_s",
            "mobilenet_v3_small", "convnext_tiny"]
LIGHT = ["efficientnet_b5"]  # Logits and running statistics only: its point is the other norm constants.
BATCH, SIZE, CLASSES = 4, 64, 10


def uniform(key, count):
    seed = 2166136261
    for byte in key.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / (1 << 23) - 1


def formula(key, shape):
    if key.endswith("num_batches_tracked"):
        return torch.tensor(7)
    u = uniform(key, int(np.prod(shape)))
    if key.endswith("layer_scale"):
        value = 0.5 + 0.25 * u
    elif key.endswith("running_mean") or key.endswith("bias"):
        value = 0.1 * u
    elif key.endswith("running_var"):
        value = 1 + 0.5 * u
    elif len(shape) >= 2:
        value = u * math.sqrt(3.0 / np.prod(shape[1:]))
    else:
        value = 1 + 0.25 * u
    return torch.from_numpy(value.astype(np.float32)).reshape(tuple(shape))


def build(name, classes=CLASSES):
    """A torchvision model; NAME_small is the same with a 3x3 stem of stride 1 and no pooling (resnet10: one block a stage, width 16; light: width 32)."""
    if name == "resnet18_light":
        return narrow_resnet(classes, 32, 2)
    if not name.endswith("_small") or name == "mobilenet_v3_small" or name == "convnext_small":
        return getattr(torchvision.models, name)(num_classes=classes)
    if name == "resnet10_small":
        return narrow_resnet(classes, 16, 1)
    model = getattr(torchvision.models, name[:-6])(num_classes=classes)
    model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


def narrow_resnet(classes, width, blocks):
    from torchvision.models.resnet import BasicBlock, ResNet, conv1x1
    model = ResNet(BasicBlock, [blocks] * 4, num_classes=classes)
    model.conv1, model.bn1, model.maxpool = nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.Identity()
    for stage in range(4):
        into, width, stride = width, width << (stage > 0), 1 if stage == 0 else 2
        down = None if stage == 0 else nn.Sequential(conv1x1(into, width, stride), nn.BatchNorm2d(width))
        first = BasicBlock(into, width, stride, down)
        setattr(model, f"layer{stage + 1}", nn.Sequential(first, *[BasicBlock(width, width) for _ in range(blocks - 1)]))
    model.fc = nn.Linear(width, classes)
    return model


def prepare(name, dtype):
    model = build(name)
    model.load_state_dict({key: formula(key, value.shape) for key, value in model.state_dict().items()})
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    return model.to(dtype)


def picture():
    return torch.from_numpy(uniform("input", BATCH * 3 * SIZE * SIZE)).reshape(BATCH, 3, SIZE, SIZE)


LABELS = torch.tensor([i * 3 % CLASSES for i in range(BATCH)])


def samples(key, count):
    """Two element numbers of a tensor, spread by the same mix."""
    return [int((v + 1) / 2 * count) for v in uniform("sample " + key, 2)]


def figures(name):
    result = {"model": name}
    for mode in ("eval", "train"):
        model = prepare(name, torch.float64).train(mode == "train")
        logits = model(picture())
        nn.functional.cross_entropy(logits, LABELS).backward()
        part = {"logits": [float(f"{v:.9g}") for v in logits.detach().flatten().tolist()]}
        if name not in LIGHT:
            part["gradients"] = {}
            for key, parameter in model.named_parameters():
                flat = parameter.grad.flatten()
                row = [flat.norm().item()] + [flat[i].item() for i in samples(key, flat.numel())]
                part["gradients"][key] = [float(f"{v:.7g}") for v in row]
        if mode == "train":
            part["buffers"] = {key: float(f"{value.norm().item():.7g}") for key, value in model.named_buffers()
                               if value.dtype == torch.float64}
        result[mode] = part
    result["keptBytes"] = kept_bytes(name)
    return result


def kept_bytes(name):
    """Bytes that autograd keeps between the passes, parameters and buffers not counted, each storage once."""
    model = prepare(name, torch.float32).train()
    own = {tensor.storage().data_ptr() for tensor in model.state_dict().values()}
    held = {}

    def pack(tensor):
        pointer = tensor.storage().data_ptr()
        if pointer not in own:
            held[pointer] = (tensor.storage().nbytes(), tensor)  # Holding the tensor keeps the address from being used again.
        return tensor

    x = picture().float()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = nn.functional.cross_entropy(model(x), LABELS)
    del loss
    return sum(size for size, _ in held.values())


def counts():
    names = FAMILIES + ["resnet34", "resnet101", "resnet152", "densenet161", "densenet169", "densenet201", "mobilenet_v3_large",
                        "convnext_small", "convnext_base", "efficientnet_v2_m", "efficientnet_v2_l"]
    names += [f"efficientnet_b{i}" for i in range(1, 8)] + ["resnet10_small", "resnet18_light", "resnet18_small", "resnet34_small", "resnet50_small"]
    for name in sorted(set(names)):
        crop = 32 if name.startswith("resnet") and name.endswith(("_small", "_light")) else crop_of(name)
        model = build(name, 1000).eval()
        total = {"macs": 0, "conv": 0}

        def hook(module, _, output):
            if isinstance(module, nn.Conv2d):
                total["macs"] += output.numel() * module.weight[0].numel()
                total["conv"] += output.numel()
            else:
                total["macs"] += output.numel() * module.in_features

        for module in model.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                module.register_forward_hook(hook)
        with torch.no_grad():
            model(torch.zeros(1, 3, crop, crop))
        print(name, crop, "parameters", sum(p.numel() for p in model.parameters()), "tensors", len(list(model.parameters())),
              "keys", len(model.state_dict()), "macs", total["macs"], "convolution outputs", total["conv"], flush=True)


def crop_of(name):
    module = sys.modules[getattr(torchvision.models, name).__module__]
    for entry in vars(module).values():
        if isinstance(entry, type) and entry.__name__.lower() == name + "_weights":
            return entry.IMAGENET1K_V1.transforms.keywords["crop_size"]
    raise KeyError(name)


def weight_files():
    """Small files written by the real torch.save, numpy.save, and by hand for what must be refused."""
    tensors = {
        "float": torch.from_numpy(uniform("float", 24).astype(np.float32)).reshape(2, 3, 4),
        "half": torch.tensor([1.5, -2.25, 65504.0], dtype=torch.float16),
        "bfloat": torch.tensor([1.5, -2.25, 3e38], dtype=torch.bfloat16),
        "double": torch.tensor([[1.0 / 3.0]], dtype=torch.float64),
        "long": torch.tensor([-(1 << 40), 7]),
        "int": torch.tensor([-5, 1 << 30], dtype=torch.int32),
        "short": torch.tensor([-300, 300], dtype=torch.int16),
        "char": torch.tensor([-128, 127], dtype=torch.int8),
        "byte": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(42),
        "empty": torch.zeros(0, 5),
        "parameter": nn.Parameter(torch.tensor([2.0, 4.0])),
    }
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    tensors["transposed"] = base.t()
    tensors["slice"] = base[1:, 1:3]
    tensors["expanded"] = torch.tensor([[1.0], [2.0]]).expand(2, 3)
    save(tensors, "tensors.pth")
    expected = {key: {"shape": list(value.shape), "values": value.detach().double().flatten().tolist()} for key, value in tensors.items()}
    with open(os.path.join(HERE, "tensors.json"), "w") as file:
        json.dump(expected, file, indent=0)
    layer = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    layer.load_state_dict({key: formula(key, value.shape) for key, value in layer.state_dict().items()})
    save({"epoch": 3, "arch": "tiny", "best": 0.5, "args": None, "state_dict": {"module." + k: v for k, v in layer.state_dict().items()}},
         "nested.pth")
    save(layer.state_dict(), "state.pth")
    torch.save(layer.state_dict(), os.path.join(HERE, "legacy.pth"), _use_new_zipfile_serialization=False)
    save({"weight": torch.zeros(2), "code": os.system}, "function.pth")
    save(layer, "module.pth")

    class Evil:
        def __reduce__(self):
            return os.system, ("touch sightline-was-here",)

    save({"weight": torch.zeros(2), "evil": Evil()}, "evil.pth")
    np.save(os.path.join(HERE, "float.npy"), uniform("npy", 24).astype(np.float32).reshape(2, 3, 4))
    np.save(os.path.join(HERE, "long.npy"), np.array([1, -2, 1 << 40]))
    np.save(os.path.join(HERE, "fortran.npy"), np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)))
    np.save(os.path.join(HERE, "double.npy"), np.array([0.5, 1.5]))
    np.save(os.path.join(HERE, "object.npy"), np.array([{}, 1], dtype=object), allow_pickle=True)


def save(value, name):
    torch.save(value, os.path.join(HERE, name))


def live(command, names):
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = {kind: os.path.join(folder, kind) for kind in ("weights.pth", "input.npy", "output.npy")}
        for name in names or FAMILIES:
            torch.manual_seed(1)
            model = build(name, 1000).eval()
            torch.save(model.state_dict(), path["weights.pth"])
            x = torch.randn(2, 3, 64, 64)
            np.save(path["input.npy"], x.numpy())
            subprocess.run([*command.split(), "model", "run", name, "--weights", path["weights.pth"], "--input", path["input.npy"],
                            "--output", path["output.npy"]], check=True, stdout=subprocess.DEVNULL)
            with torch.no_grad():
                expected = model.double()(x.double()).numpy()
            got = np.load(path["output.npy"])
            error = np.abs(got - expected).max() / np.abs(expected).max()
            worst = max(worst, error)
            print(f"{name}: {error:.2e} of the largest logit", flush=True)
    print("agreed" if worst <= 1e-4 else "DISAGREED", f"(worst {worst:.2e}, allowed 1e-4)")
    return 0 if worst <= 1e-4 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--sightline", default="./sightline")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.counts:
        return counts()
    if options.live:
        return live(options.sightline, options.names)
    os.makedirs(HERE, exist_ok=True)
    weight_files()
    for name in options.names or FAMILIES:
        with open(os.path.join(HERE, name + ".json"), "w") as file:
            text = json.dumps(figures(name), separators=(",", ":"))
            file.write(text.replace('],"', '],\n"').replace('{"', '{\n"') + "\n")
        print(name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
