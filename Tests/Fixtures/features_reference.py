#!/usr/bin/env python3
"""Prints the numbers that ObjectivesTests pin for responses and features, from torch in float64.

    pip install torch
    python features_reference.py

Trained parts have the values that LossProbe gives them: drawn from the state's name.
"""
import math
import numpy as np, torch, torch.nn.functional as F
from seeded import uniform

torch.set_default_dtype(torch.float64)
def drawn(name, *shape):
    """What LossProbe gives a state."""
    return torch.from_numpy((2 * uniform(5, name, math.prod(shape)) - 1).reshape(shape))


def wave(shape, amplitude, frequency, phase, function=np.sin):
    i = np.arange(math.prod(shape))
    return torch.from_numpy((amplitude * function(frequency * i + phase)).reshape(shape))


def show(name, value):
    print(f"{name}: {float(value):.8f}")


zs, zt = wave((4, 5), 3, .5, .1), wave((4, 5), 3, .9, .7)
fs, ft = wave((2, 3, 4, 4), 1, .37, .2), wave((2, 3, 4, 4), 1, .53, .9)
gs, gt = wave((2, 3, 4, 4), 1, .37, .2, np.cos), wave((2, 3, 4, 4), 1, .53, .9, np.cos)
labels = torch.tensor([0, 3, 1, 4])
mean, std = torch.tensor([.1, -.2, .3]), torch.tensor([.5, .8, 1.1])


def conv(name, x, outputs, kernel=1, groups=1, bias=False):
    weight = drawn(name + ".weight", outputs, x.shape[1] // groups, kernel, kernel)
    offset = drawn(name + ".bias", outputs) if bias else None
    return F.conv2d(x, weight, offset, padding=(kernel - 1) // 2, groups=groups)


def norm(name, x):
    return F.batch_norm(
        x, None, None, drawn(name + ".weight", x.shape[1]), drawn(name + ".bias", x.shape[1]),
        training=True)


def conv_norm(name, x, outputs, kernel=1):
    return norm(name + ".normalization", conv(name, x, outputs, kernel))


# Response.
def dkd(s, t, target, a=1, b=8, T=4):
    mask = F.one_hot(target, s.shape[1]).bool()
    p, q = F.softmax(t / T, 1), F.softmax(s / T, 1)
    py, qy = p[mask], q[mask]
    tckd = py * torch.log(py / qy) + (1 - py) * torch.log((1 - py) / (1 - qy))
    rest = lambda z: F.log_softmax(z[~mask].reshape(len(z), -1) / T, 1)
    nckd = F.kl_div(rest(s), rest(t), reduction="none", log_target=True).sum(1)
    return T * T * (a * tckd + b * nckd).mean()


show("decoupled, labels", dkd(zs, zt, labels))
show("decoupled, target alone", dkd(zs, zt, labels, b=0))
show("decoupled, others alone", dkd(zs, zt, labels, a=0, b=1))
show("decoupled, argmax", dkd(zs, zt, zt.argmax(1)))
show("decoupled, two labels", dkd(zs, zt, torch.cat([labels[:2], zt.argmax(1)[2:]])))
show("mean squared logits", F.mse_loss(zs, zt))
ce = F.cross_entropy(zs, zt.argmax(1), reduction="none")
confidence = F.softmax(zt, 1).amax(1)
print("confidence:", [round(float(c), 4) for c in confidence])
show("hard labels, confidence .6", ce[confidence >= .6].mean())
x = conv("projector.0", fs, 1)
for name in ["0", "1", "2"]:
    if name != "0":
        x = conv("projector." + name, x, 1 if name == "1" else 3, 3 if name == "1" else 1)
    x = F.relu(norm(f"projector.{name}.normalization", x))
show("classifier reuse", F.mse_loss(x, ft))

# Features.
show("identity", F.mse_loss(fs, ft))
show("hint", F.mse_loss(F.relu(conv_norm("projector", fs, 3)), ft))
a, b = wave((2, 3, 5, 5), 1, .37, .2), wave((2, 3, 3, 4), 1, .53, .9)
show("other sizes", F.mse_loss(F.adaptive_avg_pool2d(a, (3, 4)), b))


def kernel(a, b):
    a, b = F.normalize(a.flatten(2), dim=2), F.normalize(b.flatten(2), dim=2)
    return (torch.einsum("bip,bjp->bij", a, b) ** 2).mean()


show("neuron selectivity", kernel(ft, ft) + kernel(fs, fs) - 2 * kernel(fs, ft))
show("neuron selectivity, wide", kernel(wt := wave((2, 7, 2, 2), 1, .8, .1), wt)
     + kernel(ws := wave((2, 5, 2, 2), 1, .7, .3), ws) - 2 * kernel(ws, wt))


def flow(a, b):
    side = min(a.shape[2], b.shape[2])
    a, b = F.adaptive_avg_pool2d(a, side), F.adaptive_avg_pool2d(b, side)
    return torch.einsum("bip,bjp->bij", a.flatten(2), b.flatten(2)) / side**2


show("solution flow", F.mse_loss(flow(fs, gs), flow(ft, gt)))
narrow, deep_s = wave((2, 2, 4, 4), 1, .7, .3), wave((2, 3, 2, 2), 1, .6, .5)
deep_t = wave((2, 4, 2, 2), 1, .8, .1)
s = [fs, conv("1.projector", narrow, 3, bias=True), conv("2.projector", deep_s, 4, bias=True)]
t = [ft, gt, deep_t]
show("solution flow, three levels", sum(
    F.mse_loss(flow(s[i], s[i + 1]), flow(t[i], t[i + 1])) for i in range(2)))


def vid(mu, t, rho):
    v = (F.softplus(rho) + 1e-5).reshape(1, -1, 1, 1)
    return (.5 * ((mu - t) ** 2 / v + torch.log(v))).mean()


start = math.log(math.expm1(5 - 1e-5))
print(f"start of rho: {start:.12f}")
show("variational information", vid(fs, ft, torch.full((3,), start)))
x = conv("projector.0", fs, 3)
x = conv("projector.1", F.relu(x), 3)
x = conv("projector.2", F.relu(x), 3)
show("variational information, perceptron", vid(x, ft, drawn("variance", 3)))


def boundary(s, t, m=1):
    return ((s + m) ** 2 * ((s > -m) & (t <= 0)) + (s - m) ** 2 * ((s <= m) & (t > 0))).sum() / len(s)


show("activation boundary", boundary(fs, ft))
show("activation boundary, two levels", boundary(fs, ft) / 2 + boundary(gs, gt))
show("activation boundary, normalised", boundary(conv_norm("projector", fs, 3), ft))


def attention(f):
    return F.normalize((f**2).mean(1).flatten(1))


e = F.leaky_relu(conv_norm("paraphraser", ft, 2, 3), .1)
f = F.leaky_relu(conv_norm("translator", fs, 2, 3), .1)
transfer = (attention(f) - attention(e)).abs().mean()
missed = ((conv("decoder", e, 3, 3, bias=True) - ft) ** 2).mean((1, 2, 3)) / (ft**2).mean((1, 2, 3))
show("factor transfer, alone", transfer)
show("factor transfer", transfer + .005 * missed.mean())


def overhaul(s, t, m):
    m = m.reshape(1, -1, 1, 1)
    target = torch.maximum(t, m)
    return ((s - target) ** 2 * ((s > target) | (t > 0))).sum() / len(s)


def margin(mean, std):
    out = []
    for u, d in zip(mean.tolist(), std.tolist()):
        p = .5 * math.erfc(u / d / math.sqrt(2))
        out.append(
            u - d * math.exp(-(u / d) ** 2 / 2) / math.sqrt(2 * math.pi) / p if p > 1e-3 else -3 * d)
    return torch.tensor(out)


print("margins:", [round(x, 8) for x in margin(mean, std).tolist()])
show("overhaul, -.5", overhaul(fs, ft, torch.full((3,), -.5)))
show("overhaul, statistics", overhaul(fs, ft, margin(mean, std)))
own = torch.stack([ft[:, c][ft[:, c] < 0].mean() for c in range(3)])
show("overhaul, batch", overhaul(fs, ft, own))
show("overhaul, rectified", overhaul(fs, F.relu(ft), torch.zeros(3)))


def hcl(s, t):
    loss, weight, total = F.mse_loss(s, t), 1., 1.
    for side in [4, 2, 1]:
        if side >= s.shape[2]: continue
        weight /= 2
        total += weight
        loss = loss + weight * F.mse_loss(F.adaptive_avg_pool2d(s, side), F.adaptive_avg_pool2d(t, side))
    return loss / total


show("review, one level", hcl(fs, ft))
odd_s, odd_t = wave((2, 3, 7, 7), 1, .37, .2), wave((2, 3, 7, 7), 1, .53, .9)
show("review, seven a side", hcl(odd_s, odd_t))
students = [fs, wave((2, 2, 2, 2), 1, .7, .3), wave((2, 4, 1, 1), 1, .9, .5)]
teachers = [ft, wave((2, 4, 2, 2), 1, .8, .1), wave((2, 5, 1, 1), 1, 1.1, .2)]
total, deeper = 0, None
for i in [2, 1, 0]:
    own = conv_norm(f"{i}.input", students[i], 3)
    if deeper is not None:
        raised = F.interpolate(deeper, own.shape[2:], mode="nearest")
        z = torch.sigmoid(conv(f"{i}.attention", torch.cat([own, raised], 1), 2, bias=True))
        own = own * z[:, :1] + raised * z[:, 1:]
    deeper = own
    total = total + hcl(conv_norm(f"{i}.output", own, teachers[i].shape[1], 3), teachers[i])
show("review, fused", total)


def channels(s, t, T):
    p, q = F.log_softmax(t.flatten(2) / T, 2), F.log_softmax(s.flatten(2) / T, 2)
    return T * T * F.kl_div(q, p, reduction="sum", log_target=True) / (t.shape[0] * t.shape[1])


show("channel distribution", channels(fs, ft, 1))
show("channel distribution, T 4", channels(fs, ft, 4))
wide = wave((2, 4, 2, 2), 1, .7, .4)
show("channel distribution, other sizes", channels(
    conv("projector", F.avg_pool2d(fs, 2), 4, bias=True), wide, 1))


def standard(f):
    f = f.permute(1, 0, 2, 3).reshape(f.shape[1], -1)
    return (f - f.mean(1, keepdim=True)) / (f.std(1, keepdim=True) + 1e-6)


show("pearson", F.mse_loss(standard(fs), standard(ft)) / 2)


def split(d, cutoff, high):
    h, w = d.shape[2:]
    keep = lambda n: (np.abs(np.fft.fftfreq(n, 1 / n)) <= int(cutoff * (n // 2) + 1e-9))
    mask = torch.from_numpy(np.outer(keep(h), keep(w)).astype(float))
    low = torch.fft.ifft2(torch.fft.fft2(d) * mask).real
    return (low**2).mean() + high * torch.log(1 + (d - low) ** 2).mean()


target = (ft - mean.reshape(1, -1, 1, 1)) / std.reshape(1, -1, 1, 1)
show("frequency split, identity", split(fs - target, .5, .1))
show("frequency split, all low", split(fs - target, 1, .1))
show("frequency split", split(conv("projector", fs, 3, bias=True) - target, .5, .1))
show("frequency split, seven a side", split(
    odd_s - (odd_t - mean.reshape(1, -1, 1, 1)) / std.reshape(1, -1, 1, 1), .7, .5))
