"""Cost in the number of samples: the job on 1k, 4k and 16k small pairs, epochs from full caches, and the worker's peak."""
from . import service
from .common import Table, calmly, mark, say

PAIRS = [1000, 4000, 16000]
# Bars: seconds a sample within 10 % of the smallest set's, memory flat.
SLACK = 0.10
MINUTES = 7


def one(pairs, folder, weights):
    # Each set trains on equally many samples once its caches are full, the largest in two epochs.
    epochs = 1 + 2 * max(PAIRS) // pairs
    with service.Daemon() as daemon:
        return {"pairs": pairs, **service.job(daemon, f"linear-{pairs}", folder, weights, epochs, 1)}


def measure(peer):
    weights = service.teacher(peer)
    rows = []
    for pairs in PAIRS:
        folder = service.synthesize(f"linear-{pairs}", pairs, "64x64")
        say(f"linear: {pairs:,} pairs")
        rows.append(calmly(lambda: one(pairs, folder, weights)))
    base = rows[0]
    for row in rows:
        row["cost_of_smallest"] = round(base["samples_per_second"] / row["samples_per_second"], 3)
        row["memory_of_smallest"] = round(row["peak_mib"] / max(base["peak_mib"], 1), 3)
    return rows


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
    out.notes.append(f"cost and memory as ratios to the first row; the bar is {1 - SLACK:.2f} to {1 + SLACK:.2f}")
    return out
