#!/usr/bin/env python3
"""Writes loss_curves.json: PyTorch's losses over fifty steps, with one thread and with two.

    pip install torch torchvision
    python loss_curve_reference.py

A ResNet-18 learns ten synthetic classes at 32 pixels: `training` from labels, `distillation` and
`default-distillation` from fixed answers of a teacher. Weights, images, labels and answers come from the
project's own generator (SplitMix64 seeded by a name), so none are stored. Weight decay applies to tensors of two
and more axes alone, the whole gradient is clipped, the rate rises and then falls as half a cosine: what NesterovSGD
and CosineSchedule do.

The workload is smooth on purpose. In probes with a residual network's usual start (second normalisation of each block
scaled near 1) PyTorch's own two curves parted by .18 at rate .05 and by .02 at rate .01: a last bit that flips a
rectifier is amplified until curves say nothing about arithmetic. Scales near .2 and a rate of .004 keep rounding small
for fifty steps while the loss falls to a third (`training`) or a half (the others).
"""
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchvision

import seeded

SEED = 7
COMMON = dict(
    steps=50, batch=16, size=32, classes=10, peak=.004, warmUp=.1, momentum=.9, weightDecay=5e-4, gradientClip=1.,
    teacherChannels=64)


def uniform(name, *shape):
    return seeded.uniform(SEED, name, math.prod(shape)).reshape(shape)


def symmetric(name, *shape):
    return 2 * uniform(name, *shape) - 1


def start(name, shape):
    """A state's first value, in float64."""
    if len(shape) > 1:
        value = symmetric(name, *shape) * math.sqrt(6 / math.prod(shape[1:]))
    elif name.endswith("running_var") or name.endswith("weight"):
        value = .75 + .5 * uniform(name, *shape)
    else:
        value = .2 * symmetric(name, *shape)
    if name.endswith("bn2.weight"):
        return .2 * value
    return .4 * value if name == "fc.weight" else value


def tensor(values):
    return torch.from_numpy(np.asarray(values).astype(np.float32))


def rate(step):
    steps, peak = COMMON["steps"], COMMON["peak"]
    warm = round(COMMON["warmUp"] * steps)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (1 + math.cos(math.pi * (step - warm) / (steps - warm))) / 2


class Student:
    def __init__(self, distils):
        self.net = torchvision.models.resnet18(num_classes=COMMON["classes"]).train()
        self.projector = torch.nn.Conv2d(512, COMMON["teacherChannels"], 1)
        self.net.layer4.register_forward_hook(lambda module, inputs, output: setattr(self, "features", output))
        named = list(self.net.state_dict().items())
        if distils:
            named += [("objective.1.projector." + n, t) for n, t in self.projector.state_dict().items()]
        with torch.no_grad():
            for name, value in named:
                if not name.endswith("num_batches_tracked"):
                    value.copy_(tensor(start(name, tuple(value.shape))))
        self.parameters = list(self.net.parameters()) + (list(self.projector.parameters()) if distils else [])

    def optimizer(self):
        decaying = [p for p in self.parameters if p.dim() > 1]
        others = [p for p in self.parameters if p.dim() <= 1]
        return torch.optim.SGD(
            [{"params": decaying, "weight_decay": COMMON["weightDecay"]}, {"params": others}], lr=COMMON["peak"],
            momentum=COMMON["momentum"], nesterov=True)


def divergence(teacher, student):
    return F.kl_div(F.log_softmax(student, 1), F.softmax(teacher, 1), reduction="none").sum(1)


def neighbours(maps):
    rows = F.normalize(maps.mean((2, 3)))
    count = len(rows)
    return (rows @ rows.T / .1)[~torch.eye(count, dtype=bool)].reshape(count, count - 1)


def distillation(student, logits, labels, temperature, full):
    """Kullback-Leibler and centred cosine; `full`: with relations at half weight, gated by confidence."""
    classes, channels = COMMON["classes"], COMMON["teacherChannels"]
    teacher = tensor(4 * symmetric("teacher.logits", classes, classes))[labels]
    maps = tensor(symmetric("teacher.features", classes, channels, 1, 1))[labels]
    mean = tensor(.2 * symmetric("teacher.features.mean", channels)).reshape(1, -1, 1, 1)
    deviation = tensor(.5 + .5 * uniform("teacher.features.std", channels)).reshape(1, -1, 1, 1)
    weights = F.softmax(teacher, 1).amax(1).clamp(min=.2) if full else torch.ones(len(labels))
    response = divergence(teacher / temperature, logits / temperature) * temperature ** 2
    projected = student.projector(student.features)
    feature = (1 - F.cosine_similarity(projected, (maps - mean) / deviation, dim=1)).mean((1, 2))
    per_sample = response + feature
    if full:
        per_sample = per_sample + .5 * divergence(neighbours(maps), neighbours(student.features))
    return (weights * per_sample).sum() / weights.sum()


def losses(workload, threads):
    torch.set_num_threads(threads)
    batch, size, classes = COMMON["batch"], COMMON["size"], COMMON["classes"]
    student = Student(workload != "training")
    optimizer = student.optimizer()
    prototypes = symmetric("prototypes", classes, 3, size, size)
    result = []
    for step in range(COMMON["steps"]):
        labels = np.floor(uniform(f"labels.{step}", batch) * classes).astype(np.int64)
        images = .75 * prototypes[labels] + .25 * symmetric(f"images.{step}", batch, 3, size, size)
        labels = torch.from_numpy(labels)
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        logits = student.net(tensor(images))
        if workload == "training":
            loss = F.cross_entropy(logits, labels)
        elif workload == "distillation":
            loss = distillation(student, logits, labels, temperature=4, full=False)
        else:
            loss = distillation(student, logits, labels, temperature=2, full=True)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters, COMMON["gradientClip"])
        optimizer.step()
        result.append(float(f"{float(loss.detach()):.9g}"))
    return result


def main():
    curves = {}
    for workload in ("training", "distillation", "default-distillation"):
        one, two = losses(workload, 1), losses(workload, 2)
        gap = max(abs(a - b) for a, b in zip(one, two))
        print(f"{workload}: {one[0]:.4f} to {one[-1]:.4f}, largest gap between 1 and 2 threads {gap:.2e}", flush=True)
        curves[workload] = {"1": one, "2": two}
    text = json.dumps(
        {"torch": torch.__version__, "torchvision": torchvision.__version__,
         "processor": torch.backends.cpu.get_cpu_capability(), **COMMON, "losses": curves}, indent=1)
    Path(__file__).with_name("loss_curves.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
