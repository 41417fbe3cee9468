#!/usr/bin/env python3
"""The job of `make bench` as a PyTorch user writes it: what distilld is compared with.

A frozen torchvision ResNet-50 looks at RGB, a ResNet-18 learns from depth: temperature-4 KL on 1,000 logits plus
1 - cosine of the last feature map through a 1x1 projection, SGD with Nesterov momentum, batch 64, random crops and
flips shared by both modalities. Modes:

  naive   float32, the teacher in every step, two loader processes
  tuned   bfloat16 autocast and channels-last
  packed  tuned; four fixed views a pair, teacher answers and decoded images kept in memory: the strongest

Prints one line of JSON.
"""
import argparse
import contextlib
import json
import pathlib
import resource
import statistics
import time

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image

VIEWS = 4
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class Pairs(torch.utils.data.Dataset):
    """(RGB view, depth view, index) of one epoch."""

    def __init__(self, folder, size, packed):
        self.size, self.packed, self.epoch, self.kept = size, packed, 0, {}
        root = pathlib.Path(folder)
        rgb = {p.name.split(".")[0]: p for p in [*root.glob("rgb/*"), *root.glob("*.color.*")]}
        depth = {p.name.split(".")[0]: p for p in [*root.glob("depth/*"), *root.glob("*.depth.*")]}
        self.files = [(rgb[key], depth[key]) for key in sorted(rgb.keys() & depth.keys())]

    def __len__(self):
        return len(self.files)

    def decoded(self, index):
        if index in self.kept:
            return self.kept[index]
        colour = np.array(Image.open(self.files[index][0]).convert("RGB"))
        metres = np.array(Image.open(self.files[index][1])).astype(np.float32) / 1000
        metres[metres > 20] = 0
        pair = (torch.from_numpy(colour).permute(2, 0, 1).float() / 255, torch.from_numpy(metres)[None])
        if self.packed:
            side = self.size / 0.7 / min(pair[0].shape[1:])
            shape = [round(n * side) for n in pair[0].shape[1:]]
            pair = (
                F.interpolate(pair[0][None], shape, mode="bilinear", antialias=True)[0],
                F.interpolate(pair[1][None], shape, mode="nearest")[0],
            )
            self.kept[index] = pair
        return pair

    def __getitem__(self, index):
        colour, metres = self.decoded(index)
        random = np.random.default_rng([index, self.epoch % VIEWS])
        mask = (metres > 0).float()
        depth = torch.cat([torch.log1p(metres) / np.log1p(10), mask / metres.clamp(min=0.3), mask])
        scale, flip = random.uniform(0.7, 1), random.random() < 0.5
        top, left = random.random() * (1 - scale), random.random() * (1 - scale)
        views = []
        for image in (colour, depth):
            height, width = image.shape[1:]
            y, x = int(top * height), int(left * width)
            cut = image[:, y : y + int(scale * height), x : x + int(scale * width)]
            view = F.interpolate(cut[None], (self.size, self.size), mode="bilinear", antialias=True)[0]
            views.append(view.flip(2) if flip else view)
        return (views[0] - MEAN) / STD, views[1], index


def answers(net, images):
    """The last feature map and the logits of a torchvision ResNet."""
    x = net.maxpool(net.relu(net.bn1(net.conv1(images))))
    x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
    return x, net.fc(torch.flatten(net.avgpool(x), 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--mode", choices=["naive", "tuned", "packed"], default="naive")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    fast, packed = arguments.mode != "naive", arguments.mode == "packed"

    teacher = torchvision.models.resnet50().eval().requires_grad_(False)
    student = torchvision.models.resnet18()
    project = torch.nn.Conv2d(512, 2048, 1, bias=False)
    if fast:
        for net in (teacher, student, project):
            net.to(memory_format=torch.channels_last)
    autocast = (lambda: torch.autocast("cpu", torch.bfloat16)) if fast else contextlib.nullcontext
    optimizer = torch.optim.SGD(
        [*student.parameters(), *project.parameters()], lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    pairs = Pairs(arguments.dataset, arguments.size, packed)
    kept, seconds = {}, []
    for epoch in range(arguments.epochs):
        pairs.epoch = epoch
        loader = torch.utils.data.DataLoader(
            pairs, arguments.batch, shuffle=True, drop_last=True, num_workers=0 if packed else 2
        )
        began, count = time.perf_counter(), 0
        for colour, depth, index in loader:
            if fast:
                colour, depth = (x.to(memory_format=torch.channels_last) for x in (colour, depth))
            keys = [(int(i), epoch % VIEWS) for i in index]
            if packed and all(key in kept for key in keys):
                features, logits = (torch.stack([kept[key][n] for key in keys]) for n in (0, 1))
            else:
                with torch.no_grad(), autocast():
                    features, logits = answers(teacher, colour)
                if packed:
                    kept.update((key, (features[n].clone(), logits[n].clone())) for n, key in enumerate(keys))
            with autocast():
                own, guess = answers(student, depth)
                own = project(own)
            soft = F.kl_div(
                F.log_softmax(guess.float() / 4, 1), F.softmax(logits.float() / 4, 1), reduction="batchmean"
            )
            loss = 16 * soft + (1 - F.cosine_similarity(own.float(), features.float(), dim=1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            count += len(index)
        seconds.append(time.perf_counter() - began)
    full = seconds[VIEWS:] if packed else seconds[1:]
    steady = statistics.median(full or seconds)
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps(
            {
                "program": "pytorch " + torch.__version__,
                "mode": arguments.mode,
                "pairs": len(pairs),
                "first_epoch_seconds": round(seconds[0], 2),
                "samples_per_second": round(count / steady, 1),
                "total_seconds": round(sum(seconds), 2),
                "peak_mib": peak // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
