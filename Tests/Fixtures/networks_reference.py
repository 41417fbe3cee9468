#!/usr/bin/env python3
"""Prints the numbers that NetworksTests and ObjectivesTests pin, from torch and torchvision in float64.

    pip install torch torchvision timm
    python networks_reference.py

Weights come from the project's own generator (SplitMix64 seeded by a state's name), so none are stored.
"""
import math
import numpy as np, timm, torch, torch.nn as nn, torch.nn.functional as F, torchvision
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from seeded import uniform

torch.set_default_dtype(torch.float64)
def fill(net, seed=7):
    for name, t in net.state_dict().items():
        if name.endswith("num_batches_tracked"): continue
        u = uniform(seed, name, t.numel()).reshape(t.shape)
        if t.dim() > 1: v = (2 * u - 1) * math.sqrt(6 / np.prod(t.shape[1:]))
        elif name.endswith("running_var") or name.endswith("weight"): v = .75 + .5 * u
        else: v = .2 * (2 * u - 1)
        t.copy_(torch.from_numpy(np.asarray(v)))
    return net

def image(*shape): return torch.from_numpy(2 * uniform(7, "input", math.prod(shape)).reshape(shape) - 1)
def show(name, t): print(name, [round(x, 8) for x in t.detach().flatten().tolist()])

# Forward parity.
with torch.no_grad():
    for name, net in [("resnet18", torchvision.models.resnet18(num_classes=10)),
                      ("bottleneck", ResNet(Bottleneck, [1, 1, 1, 1], num_classes=10)),
                      ("mobilenet_v2", torchvision.models.mobilenet_v2(num_classes=10)),
                      ("mobilenet_v3_small", torchvision.models.mobilenet_v3_small(num_classes=10)),
                      ("convnext", ConvNeXt([CNBlockConfig(8, 16, 1), CNBlockConfig(16, None, 2)], num_classes=10)),
                      ("convnext_tiny", torchvision.models.convnext_tiny(num_classes=10)),
                      ("vit_tiny", timm.create_model("vit_tiny_patch16_224", img_size=32, num_classes=10))]:
        show(name, fill(net).eval()(image(1, 3, 32, 32)))

# Three training steps of a tiny residual network.
class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False); self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(BasicBlock(4, 4))
        down = nn.Sequential(nn.Conv2d(4, 8, 1, 2, bias=False), nn.BatchNorm2d(8))
        self.layer2 = nn.Sequential(BasicBlock(4, 8, 2, down)); self.fc = nn.Linear(8, 3)
    def forward(self, x):
        x = self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x)))))
        return self.fc(x.mean((2, 3)))

with torch.no_grad(): net = fill(Tiny())
x, y = image(4, 3, 8, 8), torch.tensor([0, 2, 1, 2])
weights = [p for p in net.parameters() if p.dim() > 1]; others = [p for p in net.parameters() if p.dim() <= 1]
opt = torch.optim.SGD([{"params": weights, "weight_decay": 1e-2}, {"params": others}], lr=.1, momentum=.9, nesterov=True)
average = {k: v.clone() for k, v in net.state_dict().items()}
losses, norms = [], []
for step in range(3):
    opt.param_groups[0]["lr"] = opt.param_groups[1]["lr"] = .1 / (step + 1)
    loss = F.cross_entropy(net(x), y); opt.zero_grad(); loss.backward()
    norms.append(float(nn.utils.clip_grad_norm_(net.parameters(), .5))); opt.step(); losses.append(float(loss))
    for k, v in net.state_dict().items():
        if v.is_floating_point(): average[k].mul_(.9).add_(v, alpha=.1)
print("tiny losses", [round(v, 9) for v in losses], "norms", [round(v, 9) for v in norms])
show("fc.bias", net.fc.bias); show("bn1.running_var", net.bn1.running_var); show("bn1.weight", net.bn1.weight)
show("layer2.0.downsample.0.weight[:4]", net.layer2[0].downsample[0].weight.flatten()[:4])
show("average fc.bias", average["fc.bias"]); show("average bn1.running_mean", average["bn1.running_mean"])

# torch.optim.SGD by itself.
w = torch.tensor([[.5, -1.], [2., .25]], requires_grad=True); b = torch.tensor([.1, -.2], requires_grad=True)
opt = torch.optim.SGD([{"params": [w], "weight_decay": .01}, {"params": [b]}], lr=.1, momentum=.9, nesterov=True)
x = torch.tensor([[1., 2.], [-.5, .75], [.3, -1.2]]); y = torch.tensor([[.2, .4], [1., -1.], [0., .6]])
for step in range(3):
    loss = ((x @ w.T + b - y) ** 2).mean(); opt.zero_grad(); loss.backward(); opt.step()
show("sgd w", w); show("sgd b", b)

# Objectives without published golden values.
i = torch.arange(20.); zs = (3 * torch.sin(.5 * i + .1)).reshape(4, 5); zt = (3 * torch.sin(.9 * i + .7)).reshape(4, 5)
j = torch.arange(96.); fs = torch.sin(.37 * j + .2).reshape(2, 3, 4, 4); ft = torch.sin(.53 * j + .9).reshape(2, 3, 4, 4)
def gram(z):
    c = F.normalize(z) @ F.normalize(z).T / .1
    return c[~torch.eye(4, dtype=bool)].reshape(4, 3)
show("cosine-gram", F.kl_div(F.log_softmax(gram(zs), 1), F.softmax(gram(zt), 1), reduction="batchmean"))
mean, std = torch.tensor([.1, -.2, .3]).reshape(1, 3, 1, 1), torch.tensor([.5, .8, 1.1]).reshape(1, 3, 1, 1)
show("centred-cosine", (1 - F.cosine_similarity(fs, (ft - mean) / std, dim=1)).mean())
p = F.conv2d(fs, torch.cos(torch.arange(12.)).reshape(4, 3, 1, 1), .1 * torch.arange(4.))
t4 = torch.sin(.7 * torch.arange(32.) + .4).reshape(2, 4, 2, 2)
m4, s4 = .1 * torch.arange(4.).reshape(1, 4, 1, 1), 1 + .2 * torch.arange(4.).reshape(1, 4, 1, 1)
show("centred-cosine pooled to 2x2", (1 - F.cosine_similarity(F.avg_pool2d(p, 2), (t4 - m4) / s4, dim=1)).mean())
show("centred-cosine means", (1 - F.cosine_similarity(p.mean((2, 3)), ((t4 - m4) / s4).mean((2, 3)), dim=1)).mean())
per = F.kl_div(F.log_softmax(zs / 4, 1), F.softmax(zt / 4, 1), reduction="none").sum(1) * 16
gate = F.softmax(zt, 1).amax(1).clamp(min=.7)
show("gated kl", (per * gate).sum() / gate.sum())
show("hard labels", F.cross_entropy(zs, zt.argmax(1)))
show("smoothed ce", F.cross_entropy(zs, torch.tensor([0, 3, 1, 4]), label_smoothing=.1))
show("dist", torch.stack([1 - F.cosine_similarity(*(q - q.mean(d, keepdim=True) for q in (zs.softmax(1), zt.softmax(1))), dim=d).mean() for d in (1, 0)]))
