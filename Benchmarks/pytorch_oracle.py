#!/usr/bin/env python3
"""The same oracle in PyTorch: residual-small on the batches that a run of distilld saw, from the same weights.

    pytorch_oracle.py FOLDER [--learning-rate .1 --weight-decay .0005 --ema .99 --clip 1 --warmup .03]

FOLDER holds what `distill-bench batches` wrote. Prints one line of JSON with the accuracy on the whole test frames.
"""
import argparse
import json
import math
import pathlib
import struct

import numpy
import torch
from torch import nn
from torch.nn import functional


class Normals(nn.Module):
    """The encoding `normals` of the depth plugin, written anew: slopes in units of the focal length, and log(1 + z)."""

    def __init__(self, width):
        super().__init__()
        self.focal = float(width)

    def forward(self, z):
        mask = (z > 0).float()
        box = torch.ones(1, 1, 3, 3)
        count = functional.conv2d(mask, box, padding=1)
        smooth = functional.conv2d(z, box, padding=1) / count.clamp(min=1)
        defined = (count > 0).float()

        def shifted(x, dy, dx):
            padded = functional.pad(x, (1, 1, 1, 1))
            return padded[:, :, 1 + dy:1 + dy + x.shape[2], 1 + dx:1 + dx + x.shape[3]]

        slopes = []
        for dy, dx in ((0, 1), (1, 0)):
            total, usable = 0, 0
            for sign in (1, -1):
                there = shifted(defined, sign * dy, sign * dx) * defined
                total = total + sign * (shifted(smooth, sign * dy, sign * dx) - smooth) * there
                usable = usable + there
            slope = total / usable.clamp(min=1) * self.focal / smooth.clamp(min=0.05)
            slopes.append(slope.clamp(-8, 8) / 4 * mask)
        return torch.cat([*slopes, torch.log1p(z)], 1)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        return functional.relu(y + (self.downsample(x) if self.downsample else x))


class ResidualSmall(nn.Module):
    def __init__(self, classes):
        super().__init__()
        widths = (16, 32, 64, 128)
        self.conv1 = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        inputs = 16
        for number, width in enumerate(widths, 1):
            setattr(self, f"layer{number}", nn.Sequential(Block(inputs, width, 1 if number == 1 else 2)))
            inputs = width
        self.fc = nn.Linear(128, classes)

    def forward(self, x):
        x = functional.relu(self.bn1(self.conv1(x)))
        for number in range(1, 5):
            x = getattr(self, f"layer{number}")(x)
        return self.fc(x.mean((2, 3)))


def tensors(path):
    """A safetensors file of float32."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            found[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).copy())
    return found


def rate(step, steps, peak, warmup):
    rising = round(warmup * steps)
    if step < rising:
        return peak * (step + 1) / rising
    return peak * (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--ema", type=float, default=0.99)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--warmup", type=float, default=0.03)
    parser.add_argument("--threads", type=int, default=0)
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    record = json.loads((given.folder / "record.json").read_text())
    steps, batch, size = record["steps"], record["batch"], record["size"]

    def rows(name, count):
        return numpy.memmap(given.folder / name, "<f4", "r", shape=(count, record["channels"], size, size))

    inputs = rows("inputs.f32", steps * batch)
    labels = torch.from_numpy(numpy.fromfile(given.folder / "labels.i32", "<i4").astype("i8"))
    encode, model = Normals(size), ResidualSmall(len(record["classes"]))
    missing, unexpected = model.load_state_dict(tensors(given.folder / "initial.safetensors"), strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    decayed = [p for name, p in model.named_parameters() if p.dim() > 1]
    others = [p for name, p in model.named_parameters() if p.dim() == 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": given.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=given.learning_rate, momentum=given.momentum, nesterov=True)
    averages = {k: v.clone() for k, v in model.state_dict().items() if v.is_floating_point()}
    for step in range(steps):
        place = slice(step * batch, (step + 1) * batch)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, given.learning_rate, given.warmup)
        x = encode(torch.from_numpy(numpy.array(inputs[place])))
        loss = functional.cross_entropy(model(x), labels[place])
        optimizer.zero_grad()
        loss.backward()
        if given.clip > 0:
            nn.utils.clip_grad_norm_(model.parameters(), given.clip)
        optimizer.step()
        decay = min(given.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if name in averages:
                    averages[name] += (1 - decay) * (value - averages[name])
    if given.ema > 0:
        model.load_state_dict(averages, strict=False)
    model.eval()
    frames = rows("test.f32", record["tests"])
    truth = torch.from_numpy(numpy.fromfile(given.folder / "test-labels.i32", "<i4").astype("i8"))
    with torch.no_grad():
        answers = torch.cat([
            model(encode(torch.from_numpy(numpy.array(frames[at:at + 250])))).argmax(1)
            for at in range(0, len(frames), 250)
        ])
    print(json.dumps({"accuracy": (answers == truth).float().mean().item(), "loss": loss.item(), "steps": steps}))


if __name__ == "__main__":
    main()
