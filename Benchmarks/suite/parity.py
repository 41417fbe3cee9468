"""The oracle trained by distilld and by PyTorch on the same batches."""
import json
import pathlib
import shutil
import statistics
import subprocess
import tomllib

from . import service
from .common import BUILD, ROOT, python, run, say

WORK = ROOT / ".distill" / "parity"
TABLE = ROOT / "Benchmarks" / "parity.md"
PAIRS, TEST, SIZE, EPOCHS, RHO = 4000, 4000, 64, 10, 0.95
# How far the means may lie apart.
BAR = 0.005

RECIPE = """\
name = "parity-{seed}"
kind = "train"
[dataset]
name = "parity-{seed}"
[training]
epochs = {epochs}
seed = {seed}
precision = "float32"
noise = false
"""
# The training's figures that PyTorch is told.
TOLD = {"learning_rate": "--learning-rate", "weight_decay": "--weight-decay", "ema": "--ema",
        "gradient_clip": "--clip", "warmup": "--warmup", "momentum": "--momentum"}


def measure(seeds):
    peer = python()
    if not peer:
        raise SystemExit("there is no PyTorch to compare with")
    WORK.mkdir(parents=True, exist_ok=True)
    rows = []
    for seed in range(seeds):
        file = WORK / f"result-{seed}.json"
        if not file.exists():
            file.write_text(json.dumps(one(peer, seed)) + "\n")
        rows.append(json.loads(file.read_text()))
        say(f"seed {seed}: distilld {rows[-1]['distilld']:.4f}, PyTorch {rows[-1]['pytorch']:.4f}")
    return rows


def one(peer, seed):
    folder = WORK / f"scenes-{seed}"
    if not (folder / "dataset.toml").exists():
        run(BUILD / "distillctl", "datasets", "synthesize", folder, "--pairs", PAIRS + TEST, "--size", SIZE, "--rho",
            RHO, "--seed", seed, "--test", TEST)
    with service.Daemon(WORK / "state") as daemon:
        daemon.ctl("datasets", "add", folder, "--name", f"parity-{seed}")
        recipe = WORK / "recipe.toml"
        recipe.write_text(RECIPE.format(seed=seed, epochs=EPOCHS))
        job = daemon.ctl("enqueue", recipe, "--wait")["job"]
        found = daemon.ctl("show", job["id"])["job"]
        ours = daemon.ctl("evaluate", found["model"], "--dataset", f"parity-{seed}", "--split", "test", "--no-probes")
        runs = pathlib.Path(found["run_folder"])
        record = WORK / "record"
        shutil.rmtree(record, ignore_errors=True)
        record.mkdir()
        run(BUILD / "distill-bench", "batches", runs, "--dataset", folder, "--plugins", BUILD / "plugins", "--output",
            record)
        training = tomllib.loads((runs / "recipe.resolved.toml").read_text())["training"]
    words = [word for key, option in TOLD.items() for word in (option, str(training[key]))]
    done = subprocess.run([peer, str(ROOT / "Benchmarks" / "pytorch_oracle.py"), str(record), *words], check=True,
                          text=True, capture_output=True)
    shutil.rmtree(record)
    return {"distilld": ours["metrics"]["accuracy"], "pytorch": json.loads(done.stdout)["accuracy"]}


def write(rows):
    means = {name: statistics.mean(row[name] for row in rows) for name in ("distilld", "pytorch")}
    apart = means["distilld"] - means["pytorch"]
    error = statistics.stdev(row["distilld"] - row["pytorch"] for row in rows) / len(rows) ** 0.5 if len(rows) > 1 else 0
    lines = [
        "# Parity",
        "",
        f"Written by `make parity`. The demo's oracle in float32 without added noise, {PAIRS:,} training pairs and",
        f"{TEST:,} test pairs a seed, {EPOCHS} epochs. PyTorch trains on the batches that distilld saw, in their order,",
        "from the same weights.",
        "",
        "| Seed | distilld | PyTorch | difference, points |",
        "|---|---:|---:|---:|",
    ]
    for seed, row in enumerate(rows):
        lines.append(f"| {seed} | {row['distilld']:.4f} | {row['pytorch']:.4f} | "
                     f"{100 * (row['distilld'] - row['pytorch']):+.2f} |")
    lines.append(f"| mean | {means['distilld']:.4f} | {means['pytorch']:.4f} | {100 * apart:+.2f} ±{100 * error:.2f} |")
    verdict = "within" if abs(apart) <= BAR else "not within"
    lines += ["", f"The means are {verdict} half a point. ± is one standard error of the mean difference."]
    TABLE.write_text("\n".join(lines) + "\n")
    say(TABLE.read_text())
