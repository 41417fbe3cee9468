#!/usr/bin/env python3
"""Prints the numbers that ObjectivesTests pin for relations and balanced weights, in float64.

    pip install numpy
    python relations_reference.py

Written from the papers' formulas with loops where the library has matrices, so that the two share no shortcut.
"""
import math
import numpy as np
from seeded import uniform



def drawn(name, *shape):
    """What LossProbe gives a state."""
    return (2 * uniform(5, name, math.prod(shape)) - 1).reshape(shape)


def wave(shape, amplitude, frequency, phase):
    return (amplitude * np.sin(frequency * np.arange(math.prod(shape)) + phase)).reshape(shape)


def unit(x):
    return x / np.sqrt((x * x).sum(-1, keepdims=True))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def huber(x):
    x = abs(x)
    return x * x / 2 if x < 1 else x - 0.5


s, t = wave((4, 5), 3, 0.5, 0.1), wave((4, 5), 3, 0.9, 0.7)
B = len(s)

# RKD angle.
def cosine(e, i, j, k):
    a, b = e[j] - e[i], e[k] - e[i]
    n = np.linalg.norm(a) * np.linalg.norm(b)
    return a @ b / n if n > 0 else 0.0
triplets = [(i, j, k) for i in range(B) for j in range(B) for k in range(B)]
print("angle", sum(huber(cosine(s, *x) - cosine(t, *x)) for x in triplets) / B**3)

# CC, both forms.
def kernel(e, g=0.4, P=2):
    c = unit(e) @ unit(e).T
    return math.exp(-2 * g) * sum((2 * g) ** p / math.factorial(p) * c**p for p in range(P + 1))
print("congruence kernel", ((kernel(s) - kernel(t)) ** 2).sum() / B**2)
print("congruence kernel g .7 P 3", ((kernel(s, 0.7, 3) - kernel(t, 0.7, 3)) ** 2).sum() / B**2)
d = np.abs(s - t)
print("congruence successive", (d[:-1] * d[1:]).sum(1).mean())

# Queue KL; behind the batch three older rows, of which a queue of 6 keeps two.
def divergence(p, q):
    return (p * (np.log(p) - np.log(q))).sum(-1)
def queue(Q, tau=0.07, weights=None):
    rows = divergence(softmax(unit(t) @ Q.T / tau), softmax(unit(s) @ Q.T / tau))
    return np.average(rows, weights=weights)
print("queue of the batch", queue(unit(t)))
older = drawn("queue", 6, 5)
print("queue of 6", queue(np.concatenate([unit(t), older])[:6]))

# CRD: 8 samples, 3 dimensions, the batch is samples 1, 6, 0, 3; a draw of one's own row is left out.
N, D, tau, m, eps = 8, 3, 0.07, 0.5, 1e-7
index, negatives = [1, 6, 0, 3], [2, 5, 6, 7, 1, 2]
def contrast(log_z=None):
    v = {side: unit(x @ drawn(f"{side}.weight", D, 5).T + drawn(f"{side}.bias", D))
         for side, x in (("student", s), ("teacher", t))}
    memory = {side: drawn(f"memory.{side}", N, D) for side in v}
    c = len(negatives) / N
    total, z = 0, {}
    for side, other in (("student", "teacher"), ("teacher", "student")):
        own = [math.exp(v[side][b] @ memory[other][index[b]] / tau) for b in range(B)]
        wrong = [[math.exp(v[side][b] @ memory[other][j] / tau) for j in negatives] for b in range(B)]
        z[side] = np.mean([[own[b]] + wrong[b] for b in range(B)]) * N
        Z = z[side] if log_z is None else math.exp(log_z[side])
        for b in range(B):
            total -= math.log(own[b] / Z / (own[b] / Z + c + eps))
            for j, e in zip(negatives, wrong[b]):
                if j != index[b]:
                    total -= math.log(c / (e / Z + c + eps))
    new = {side: unit(m * memory[side][index] + (1 - m) * v[side]) for side in v}
    return total / B, z, new
loss, z, new = contrast()
print("contrastive, first step", loss, {side: math.log(x) for side, x in z.items()})
print("  row 6 of the student's memory", new["student"][1])
print("contrastive, later step",
      contrast({side: float(drawn(f"normalizer.{side}", 1)[0]) for side in z})[0])

# The soft graph of mutual neighbours.
def soft_graph(e, k, tau=0.1):
    c = unit(e) @ unit(e).T
    h = []
    for i in range(B):
        others = sorted((c[i, j] for j in range(B) if j != i), reverse=True)
        h.append((others[k - 1] + others[k]) / 2)
    near = lambda i, j: 1 / (1 + math.exp(-(c[i, j] - h[i]) / tau))
    return [[near(i, j) * near(j, i) for j in range(B)] for i in range(B)]
def graph_loss(k):
    a, b, total = soft_graph(t, k), soft_graph(s, k), 0
    for i in range(B):
        for j in range(B):
            if i != j:
                p, q = a[i][j], b[i][j]
                total += p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    return total / (B * k)
print("neighbour graph k 2", graph_loss(2), "k 1", graph_loss(1))

# The gate: greatest probability of the teacher, at least .7, as weights of the samples.
w = np.maximum(0.7, softmax(t).max(1))
gram = lambda e: (lambda g: g / np.sqrt((g * g).sum(1, keepdims=True)))(e @ e.T)
print("gated similarity-preserving", np.average(((gram(s) - gram(t)) ** 2).mean(1), weights=w))
def neighbours(e):
    q = (unit(e) @ unit(e).T + 1) / 2
    return q / q.sum(1, keepdims=True)
p, q = neighbours(t), neighbours(s)
print("gated probabilistic-transfer",
      np.average((p * np.log((p + 1e-7) / (q + 1e-7))).mean(1), weights=w))
off = ~np.eye(B, dtype=bool)
def others(e):
    c = unit(e) @ unit(e).T / 0.1
    return np.array([softmax(c[i][off[i]]) for i in range(B)])
print("gated cosine-gram", np.average(divergence(others(t), others(s)), weights=w))
print("gated queue", queue(unit(t), weights=w))

# Balanced weights: norms of the gradients of KL (T 2) and of similarity-preserving by the student's logits.
def kd(x, T=2):
    return T * T * divergence(softmax(t / T), softmax(x / T)).mean()
def sp(x):
    return ((gram(x) - gram(t)) ** 2).mean()
def gradient_norm(f):
    g = np.zeros_like(s)
    for i in np.ndindex(*s.shape):
        up, down = s.copy(), s.copy()
        up[i] += 1e-5; down[i] -= 1e-5
        g[i] = (f(up) - f(down)) / 2e-5
    return np.linalg.norm(g)
a, b = gradient_norm(kd), gradient_norm(sp)
print("balanced factors", (a + b) / 2 / a, (a + b) / 2 / b, "norms", a, b)
