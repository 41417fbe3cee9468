"""The whole job, files to trained student, against PyTorch: 640x480 JPEG and 16-bit PNG, ResNet-50 teaches ResNet-18."""
import os
import pathlib
import time

from . import service
from .common import ROOT, THREADS, Table, calmly, mark, measured, say

EPOCHS = 6
VIEWS = 4
MINUTES = 12


def folders():
    found = {"synthetic": service.synthesize("synthetic", 1000, "640x480")}
    data = pathlib.Path(os.environ.get("DISTILL_TEST_DATA", ROOT.parent / "shared" / "data"))
    if (data / "kitchen").is_dir():
        found["kitchen"] = data / "kitchen"
    return found


def ours(name, folder, weights):
    with service.Daemon() as daemon:
        time.sleep(3)
        cpu = daemon.cpu_seconds()
        time.sleep(10)
        idle = {"rss_mib": round(daemon.rss_mib(), 1), "cpu_percent": round((daemon.cpu_seconds() - cpu) * 10, 2)}
        return {**service.job(daemon, name, folder, weights, EPOCHS, VIEWS), "idle": idle}


def measure(peer):
    weights = service.teacher(peer)
    results = {}
    for name, folder in folders().items():
        rows = []
        for mode in ("naive", "tuned", "packed") if peer else ():
            say(f"{name}: pytorch {mode}")
            rows.append(
                measured(
                    *(peer, ROOT / "Benchmarks" / "pytorch_job.py", folder, "--mode", mode),
                    *("--epochs", EPOCHS, "--threads", THREADS),
                )
            )
        say(f"{name}: distilld")
        rows.append(calmly(lambda: ours(name, folder, weights)))
        results[name] = rows
    return {"results": results, "idle": next(iter(results.values()))[-1]["idle"]}


def table(found):
    for name, rows in found["results"].items():
        out = Table(
            f"Whole job, {name}: ResNet-50 teaches ResNet-18, 64 px, {THREADS} threads",
            ["", "samples/s", "x naive", "first epoch s", "x naive", "whole job s", "peak MiB"],
        )
        base = next((r for r in rows if r["mode"] == "naive"), rows[-1])
        for row in rows:
            out.add(
                f"{row['program'].split('+')[0]} {row['mode']}",
                f"{row['samples_per_second']:.1f}{mark(row)}",
                f"{row['samples_per_second'] / base['samples_per_second']:.2f}",
                f"{row['first_epoch_seconds']:.1f}",
                f"{base['first_epoch_seconds'] / row['first_epoch_seconds']:.2f}",
                f"{row['total_seconds']:.1f}",
                f"{row['peak_mib']}",
            )
        out.notes.append("samples/s once the caches are full; distilld's first epoch counts from the order to the end of the epoch, start included")
        yield out
