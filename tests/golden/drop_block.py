"""Golden mask of drop block from torchvision's drop_block2d. Run: /usr/bin/python3 tests/golden/drop_block.py

The centres that drop_block2d drew are found again by drawing with the same seed; side 3, chance 0.2, maps of 9 x 7.
"""
import json
import pathlib

import torch
import torchvision

N, C, H, W, SIDE, CHANCE = 2, 3, 9, 7, 3, 0.2
torch.manual_seed(7)
result = torchvision.ops.drop_block2d(torch.ones(N, C, H, W), p=CHANCE, block_size=SIDE, training=True)
gamma = (CHANCE * H * W) / ((SIDE ** 2) * ((H - SIDE + 1) * (W - SIDE + 1)))
torch.manual_seed(7)
centres = torch.empty(N, C, H - SIDE + 1, W - SIDE + 1).bernoulli_(gamma)
golden = {"rate": gamma, "centres": centres.flatten().tolist(), "mask": result.flatten().tolist()}
pathlib.Path(__file__).with_name("drop_block.json").write_text(json.dumps(golden) + "\n")
