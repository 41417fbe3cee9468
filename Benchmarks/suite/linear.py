"""Cost in the number of samples: the job on 1k, 4k and 16k small pairs, epochs from full caches, and the worker's peak."""
import statistics

from . import service
from .common import Table, calmly, mark, say

PAIRS = [1000, 4000, 16000]
# Bars: seconds a sample within 10 % of the smallest set's, memory flat.
SLACK = 0.10
# How often each set has its turn: other tenants of the machine come and go within minutes, and a rate drifts with them.
ROUNDS = 3
MINUTES = 8


def one(pairs, folder, weights):
    # Each set trains on equally many samples once its caches are full, the largest in one epoch.
    epochs = 1 + max(PAIRS) // pairs
    with service.Daemon() as daemon:
        return {"pairs": pairs, **service.job(daemon, f"linear-{pairs}", folder, weights, epochs, 1)}


def measure(peer):
    weights = service.teacher(peer)
    folders = {pairs: service.synthesize(f"linear-{pairs}", pairs, "64x64") for pairs in PAIRS}
    turns = {pairs: [] for pairs in PAIRS}
    for number in range(ROUNDS):
        for pairs, folder in folders.items():
            say(f"linear: {pairs:,} pairs, turn {number + 1} of {ROUNDS}")
            turns[pairs].append(calmly(lambda: one(pairs, folder, weights)))
    rows = [whole(each) for each in turns.values()]
    base = rows[0]
    for row in rows:
        row["cost_of_smallest"] = round(base["samples_per_second"] / row["samples_per_second"], 3)
        row["memory_of_smallest"] = round(row["peak_mib"] / max(base["peak_mib"], 1), 3)
    return rows


def whole(turns):
    """One row of several turns: their median rate, their highest peak."""
    rates = [turn["samples_per_second"] for turn in turns]
    return {
        **turns[0],
        "turns": turns,
        "samples_per_second": statistics.median(rates),
        "total_seconds": statistics.median(turn["total_seconds"] for turn in turns),
        "peak_mib": max(turn["peak_mib"] for turn in turns),
        "disturbance": max(turn["disturbance"] for turn in turns),
    }


def table(rows):
    out = Table(
        "Cost in samples: 64 px pairs, epochs from full caches",
        ["", "samples/s", "cost a sample", "whole job s", "worker's peak MiB", "ratio"],
    )
    for row in rows:
        out.add(
            f"{row['pairs']:,} pairs",
            f"{row['samples_per_second']:.1f}{mark(row)}",
            f"{row['cost_of_smallest']:.2f}",
            f"{row['total_seconds']:.1f}",
            row["peak_mib"],
            f"{row['memory_of_smallest']:.2f}",
        )
    out.notes.append(f"medians of {ROUNDS} turns that take each set in order, the highest peak of all")
    out.notes.append(f"cost and memory as ratios to the first row; the bar is {1 - SLACK:.2f} to {1 + SLACK:.2f}")
    return out
