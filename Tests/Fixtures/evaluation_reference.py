#!/usr/bin/env python3
"""Prints the numbers that EvaluationTests pin, in float64 on inputs rounded to float32.

    pip install numpy
    python evaluation_reference.py
"""
import math
import numpy as np


def wave(rows, columns, amplitude, frequency, phase):
    i = np.arange(rows * columns)
    return (amplitude * np.sin(frequency * i + phase)).astype(np.float32).astype(np.float64).reshape(rows, columns)


def unit(x):
    return x / np.sqrt((x * x).sum(1, keepdims=True))


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


student, teacher = wave(12, 4, 2, 0.7, 0.3), wave(12, 4, 2, 1.1, 0.9)
labels = np.array([(5 * i) % 3 for i in range(12)])

centre = lambda x: x - x.mean(0)
a, b = centre(student), centre(teacher)
print("raw cosine", (unit(student) * unit(teacher)).sum(1).mean())
print("centred cosine", (unit(a) * unit(b)).sum(1).mean())
print("cka", (np.linalg.norm(b.T @ a) ** 2) / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)))

sv = np.linalg.svd(a, compute_uv=False)
p = sv / sv.sum()
print("effective rank", math.exp(-(p * np.log(p)).sum()))

def neighbours(x, k):
    c = unit(x) @ unit(x).T
    np.fill_diagonal(c, -9)
    return [set(np.argsort(-row, kind="stable")[:k]) for row in c]
for k in (3, 10):
    print("mutual neighbours", k, np.mean([len(x & y) / k for x, y in zip(neighbours(student, k), neighbours(teacher, k))]))

c = unit(a) @ unit(b).T
ranks = [(c[i] > c[i, i]).sum() for i in range(12)]
print("retrieval", np.mean([r < 1 for r in ranks]), np.mean([r < 10 for r in ranks]))

ls, lt = softmax(student), softmax(teacher)
print("kl", (lt * (np.log(lt) - np.log(ls))).sum(1).mean())
predicted, theirs = student.argmax(1), teacher.argmax(1)
observed = (predicted == theirs).mean()
expected = sum((predicted == k).mean() * (theirs == k).mean() for k in range(4))
print("agreement", observed, "kappa", (observed - expected) / (1 - expected))

confidence, hit = ls.max(1), predicted == labels
gap = 0
for k in range(15):
    inside = np.minimum(14, (confidence * 15).astype(int)) == k
    if inside.any():
        gap += inside.mean() * abs(confidence[inside].mean() - hit[inside].mean())
print("ece", gap)
scores = []
for k in range(4):
    tp, fp, fn = ((predicted == k) & (labels == k)).sum(), ((predicted == k) & (labels != k)).sum(), ((predicted != k) & (labels == k)).sum()
    if tp + fp + fn:
        scores.append(2 * tp / (2 * tp + fp + fn))
print("accuracy", hit.mean(), "macro f1", np.mean(scores))

# Probes: fitted to the student's features, asked for the teacher's.
def knn(known, labels, queries, k):
    c = unit(queries) @ unit(known).T
    result = []
    for row in c:
        near = np.argsort(-row, kind="stable")[:k]
        votes = [sum(math.exp(row[j] / 0.07) for j in near if labels[j] == y) for y in range(3)]
        result.append(int(np.argmax(votes)))
    return result
print("knn 5", knn(student, labels, teacher, 5))

mean, deviation = student.mean(0), student.std(0)
x, q = (student - mean) / deviation, (teacher - mean) / deviation
onehot = np.eye(3)[labels]
W = np.linalg.solve(x.T @ x + 12 * 0.1 * np.eye(4), x.T @ (onehot - onehot.mean(0)))
print("ridge", (q @ W + onehot.mean(0)).argmax(1).tolist())

# Logistic probe by Newton's method on all weights (the bias is the last column and free).
X = np.hstack([x, np.ones((12, 1))])
def newton(strength):
    w = np.zeros(15)
    penalty = np.tile([strength] * 4 + [0], 3)
    for _ in range(100):
        z = X @ w.reshape(3, 5).T
        probability = softmax(z)
        g = ((probability - onehot).T @ X / 12).ravel() + penalty * w
        H = np.diag(penalty)
        for i in range(12):
            pi = probability[i]
            H += np.kron(np.diag(pi) - np.outer(pi, pi), np.outer(X[i], X[i])) / 12
        w -= np.linalg.lstsq(H, g, rcond=1e-12)[0]
    z = X @ w.reshape(3, 5).T
    loss = -np.log(softmax(z)[np.arange(12), labels]).mean() + (penalty * w * w).sum() / 2
    return loss, w.reshape(3, 5), np.abs(g).max()
for strength in (1e-3, 0.1):
    loss, w, g = newton(strength)
    Q = np.hstack([q, np.ones((12, 1))]) @ w.T
    print("logistic", strength, loss, "gradient", g, "logits of the first", (Q[0] - Q[0].mean()).tolist(), Q.argmax(1).tolist())
