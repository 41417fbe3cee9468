"""The engine beside PyTorch and beside the machine's limit, one process for each workload and configuration."""
import statistics
import subprocess
import sys

from . import common
from .common import BUILD, ROOT, THREADS, Table, calmly, has, mark, measured, say

sys.path.insert(0, str(ROOT / "Benchmarks"))
import pytorch_engine  # noqa: E402

# Name, architecture, side, batch, frozen.
WORKLOADS = [
    ("ResNet-18 step, 64 px, batch 64", "resnet18", 64, 64, False),
    ("MobileNetV2 step, 64 px, batch 64", "mobilenet_v2", 64, 64, False),
    ("ResNet-18 step, 224 px, batch 16", "resnet18", 224, 16, False),
    ("ResNet-50 frozen, 64 px, batch 64", "resnet50", 64, 64, True),
    ("ResNet-50 frozen, 224 px, batch 16", "resnet50", 224, 16, True),
]
# What one configuration of PyTorch may take, compilation included.
SECONDS_OF_PEER = 300
# How often our better precision and PyTorch's best configuration are measured once more, one after the other: rates
# drift with the machine's other tenants, and the best of eight configurations is the luckiest too.
TURNS = 5
MINUTES = 22


def precisions(frozen):
    """What the engine computes in on this processor."""
    result = ["float32"]
    if has("avx512_bf16"):
        result.append("bfloat16")
    if frozen and has("avx512_vnni"):
        result.append("int8")
    return result


def best(rows):
    """The row of the most images a second, or None."""
    return max((r for r in rows if "imagesPerSecond" in r), key=lambda r: r["imagesPerSecond"], default=None)


def workload(peer, name, architecture, size, batch, frozen):
    options = ["--architecture", architecture, "--size", size, "--batch", batch, "--threads", THREADS]
    options += ["--frozen"] if frozen else []
    found = {"name": name, "architecture": architecture, "size": size, "batch": batch, "frozen": frozen}

    def ours(precision):
        return measured(BUILD / "distill-bench", "step", *options, "--precision", precision, "--profile")

    def theirs(configuration):
        words = [str(w) for w in (peer, ROOT / "Benchmarks" / "pytorch_engine.py", *options)]
        row = calmly(lambda: pytorch_engine.attempt(words, configuration, SECONDS_OF_PEER, subprocess.run))
        return {"configuration": configuration, **row}

    found["ours"] = []
    for precision in precisions(frozen):
        say(f"{name}: distilld {precision}")
        found["ours"].append(ours(precision))
    say(f"{name}: limit")
    found["limit"] = measured(BUILD / "distill-bench", "limit", *options)
    found["pytorch"] = []
    for configuration in pytorch_engine.CONFIGURATIONS if peer else ():
        say(f"{name}: pytorch {configuration}")
        found["pytorch"].append(theirs(configuration))
        if "skipped" in found["pytorch"][-1]:
            say(f"  skipped: {found['pytorch'][-1]['skipped']}")
    own, other = best(alike(found["ours"])), best(found["pytorch"])
    found["turns"] = []
    for number in range(TURNS if other else 0):
        say(f"{name}: turn {number + 1} of {TURNS}, distilld {own['precision']}, pytorch {other['configuration']}")
        found["turns"].append({"ours": ours(own["precision"]), "pytorch": theirs(other["configuration"])})
    return {**found, **ratios(found)}


def over_turns(found, who, row):
    """A row with the median rate of the turns that were taken."""
    turns = [turn[who] for turn in found["turns"] if "imagesPerSecond" in turn[who]]
    if not turns:
        return row
    return {
        **row,
        "imagesPerSecond": statistics.median(turn["imagesPerSecond"] for turn in turns),
        "disturbance": max(turn["disturbance"] for turn in turns),
    }


def contest(found):
    """Our better row in an accuracy that the others have, and PyTorch's best or None."""
    own, peer = best(alike(found["ours"])), best(found["pytorch"])
    return over_turns(found, "ours", own), peer and over_turns(found, "pytorch", peer)


def alike(rows):
    """The rows that compute what PyTorch and the limit do: int8 is another accuracy and a row of its own."""
    return [row for row in rows if row.get("precision") != "int8"]


def ratios(found):
    own, peer = contest(found)
    rates = found["limit"]["imagesPerSecond"]
    result = {"oursOfLimit": {key: round(own["imagesPerSecond"] / rate, 3) for key, rate in rates.items()}}
    if peer:
        result["oursOfPyTorch"] = round(own["imagesPerSecond"] / peer["imagesPerSecond"], 3)
        result["memoryOfPyTorch"] = round(own["peakByteCount"] / (peer["peakMiB"] * 2**20), 3)
    return result


def measure(peer, part=""):
    """part: of a workload's name, to measure those alone."""
    return [workload(peer, *row) for row in WORKLOADS if part in row[0]]


def table(found):
    out = Table(
        f"Engine: images a second, {THREADS} threads",
        ["", "ours fp32", "ours bf16", "ours int8", "PyTorch", "its best", "limit", "ours/limit", "ours/PyTorch"]
        + ["MiB", "PyTorch MiB", "ratio", "compile s", "bytes/step"],
    )
    for w in found:
        (own, peer), limit = contest(w), w["limit"]
        by = {row["precision"]: row for row in w["ours"]} | {own["precision"]: own}
        rate = lambda row: f"{row['imagesPerSecond']:.1f}{mark(row)}" if row else "-"
        out.add(
            w["name"],
            rate(by.get("float32")),
            rate(by.get("bfloat16")),
            "-",
            rate(peer),
            peer["configuration"].replace("float", "fp").replace("bfp", "bf") if peer else "-",
            f"{limit['imagesPerSecond']['mixed']:.1f}{mark(limit)}",
            f"{w['oursOfLimit']['mixed']:.2f}",
            f"{w['oursOfPyTorch']:.2f}" if peer else "-",
            f"{own['peakByteCount'] / 2**20:.0f}",
            f"{peer['peakMiB']:.0f}" if peer else "-",
            f"{w['memoryOfPyTorch']:.2f}" if peer else "-",
            f"{own['compileSeconds']:.2f}",
            own["allocatedByteCountPerStep"],
        )
        if "int8" in by:
            own = by["int8"]
            out.add(
                f"{w['name']}, int8",
                *["-", "-"],
                rate(own),
                rate(peer),
                peer["configuration"].replace("float", "fp").replace("bfp", "bf") if peer else "-",
                *["-", "-"],
                f"{own['imagesPerSecond'] / peer['imagesPerSecond']:.2f}" if peer else "-",
                f"{own['peakByteCount'] / 2**20:.0f}",
                f"{peer['peakMiB']:.0f}" if peer else "-",
                f"{own['peakByteCount'] / (peer['peakMiB'] * 2**20):.2f}" if peer else "-",
                f"{own['compileSeconds']:.2f}",
                own["allocatedByteCountPerStep"],
            )
    out.notes += [
        "limit: oneDNN's own times for every operator, each alone and warm, in the better of fp32 and bf16; other passes",
        "at the copy bandwidth. Above 1: kernels of our own beat oneDNN's, or save passes. MiB: peak of the whole process.",
        "Columns from ours/limit on are those of the better of our two; int8, another accuracy, has rows of its own beside",
        f"PyTorch's best in fp32 or bf16. The better of our two and PyTorch's best: medians of {TURNS} turns of both.",
    ]
    if any(mark(*w["ours"], *w["pytorch"], *contest(w), w["limit"]) for w in found):
        out.notes.append(f"*: other programs took more than {common.CALM:.0%} of the machine meanwhile; measure again.")
    return out
