"""Training in bfloat16 beside training in float32: accuracies over many seeds, and the table of their differences."""
import concurrent.futures
import hashlib
import json
import math
import statistics
import time

from . import service
from .common import BUILD, ROOT, THREADS, has, run, say

WORK = ROOT / ".distill" / "precision"
TABLE = ROOT / "Benchmarks" / "precision.md"
README = ROOT / "README.md"
DATASET, PAIRS, TEST, SIZE, EPOCHS, RHO = "precision-shapes", 4000, 4000, 64, 10, 0.95
PRECISIONS = ("float32", "bfloat16")
# How much lower the accuracy of bfloat16 may be.
BAR = 0.005

# The demo's arms: what the recipe says beyond the data set and the training.
ARMS = {
    "teacher": '[student]\nmodality = "rgb"\nencoding = "imagenet"\n',
    "distilled": '[teacher]\nmodel = "{teacher}"\n[student]\ninitialise = "teacher"\n',
    "oracle": "[student]\n",
}

# Those that read depth: what bfloat16 costs shows in their mean with fewer seeds than in either.
STUDENTS = ("distilled", "oracle")

RECIPE = """\
name = "{job}"
kind = "{kind}"
[dataset]
name = "{dataset}"
{arm}[training]
epochs = {epochs}
seed = {seed}
precision = "{precision}"
threads = 1
"""


def recipe(arm, precision, seed):
    name = f"{arm}-{precision}-{seed}"
    text = RECIPE.format(
        job=name, kind="distill" if arm == "distilled" else "train", dataset=DATASET, epochs=EPOCHS, seed=seed,
        precision=precision, arm=ARMS[arm].format(teacher=f"teacher-float32-{seed}"))
    return name, text


def path(arm, precision, seed):
    """A result belongs to the recipe that it was measured with."""
    name, text = recipe(arm, precision, seed)
    return WORK / "results" / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"


def measure(seeds, minutes):
    if not has("avx512_bf16"):
        raise SystemExit("this processor has no bfloat16: both would be float32")
    (WORK / "results").mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + 60 * minutes
    # One thread a run and a run for each core: as many seeds an hour as this machine can do.
    settings = WORK / "distilld.toml"
    settings.write_text(f"[queue]\nworkers = {THREADS}\n")
    with service.Daemon(WORK / "state", keeps=True, settings=settings) as daemon:
        prepare(daemon)
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda seed: one(daemon, seed, deadline), range(seeds)))


def prepare(daemon):
    folder = WORK / DATASET
    if not (folder / "dataset.toml").exists():
        words = ["datasets", "synthesize", folder, "--pairs", PAIRS + TEST, "--size", SIZE, "--rho", RHO]
        run(BUILD / "distillctl", *words, "--seed", 0, "--test", TEST)
    if DATASET not in {d["name"] for d in daemon.ctl("datasets", "list")["datasets"]}:
        daemon.ctl("datasets", "add", folder, "--name", DATASET)


def one(daemon, seed, deadline):
    """All arms of one seed in both precisions; teachers first, because students need them."""
    missing = [(arm, precision) for arm in ARMS for precision in PRECISIONS if not path(arm, precision, seed).exists()]
    if not missing or time.monotonic() > deadline:
        return
    known = {model["name"] for model in daemon.ctl("models", "list")["models"]}
    if f"teacher-float32-{seed}" not in known:
        missing = [("teacher", "float32")] + [each for each in missing if each != ("teacher", "float32")]
    for arm, precision in missing:
        name, text = recipe(arm, precision, seed)
        file = WORK / f"{name}.toml"
        file.write_text(text)
        job = daemon.ctl("enqueue", file, "--wait")["job"]
        file.unlink()
        model = daemon.ctl("show", job["id"])["job"]["model"]
        found = daemon.ctl("evaluate", model, "--dataset", DATASET, "--split", "test", "--no-probes")["metrics"]
        path(arm, precision, seed).write_text(json.dumps({"accuracy": found["accuracy"]}) + "\n")
        say(f"seed {seed}, {precision}, {arm}: {found['accuracy']:.4f}")


def read():
    """For each arm the accuracies of seeds that were measured in both precisions, and for each seed the students' mean."""
    found = {arm: {} for arm in ARMS}
    for arm in ARMS:
        for seed in range(1000):
            files = [path(arm, precision, seed) for precision in PRECISIONS]
            if all(file.exists() for file in files):
                found[arm][seed] = [json.loads(file.read_text())["accuracy"] for file in files]
    rows = {arm: list(seeds.values()) for arm, seeds in found.items()}
    whole = [seed for seed in found[STUDENTS[0]] if all(seed in found[arm] for arm in STUDENTS)]
    rows[" and ".join(STUDENTS)] = [
        [statistics.mean(each) for each in zip(*(found[arm][seed] for arm in STUDENTS))] for seed in whole
    ]
    return rows


def summary(pairs):
    """Means, and the mean difference with its standard error and 95 % interval, in points.

    The quantile is Student's, by the first terms of its expansion around the normal one.
    """
    differences = [100 * (half - single) for single, half in pairs]
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    mean = statistics.mean(differences)
    z, freedom = 1.96, len(differences) - 1
    quantile = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return {
        "float32": statistics.mean(single for single, _ in pairs),
        "bfloat16": statistics.mean(half for _, half in pairs),
        "difference": mean,
        "error": error,
        "interval": (mean - quantile * error, mean + quantile * error),
    }


def write():
    rows = {arm: pairs for arm, pairs in read().items() if len(pairs) > 4}
    if not rows:
        return say("fewer than five seeds are measured in both precisions")
    lines = [
        "| | float32 | bfloat16 | difference, points | 95 % interval | seeds |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for arm, pairs in rows.items():
        s = summary(pairs)
        low, high = s["interval"]
        cells = [arm, f"{s['float32']:.4f}".lstrip("0"), f"{s['bfloat16']:.4f}".lstrip("0"), f"{s['difference']:+.2f}",
                 f"{low:+.2f} to {high:+.2f}", str(len(pairs))]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    for arm, pairs in rows.items():
        low = summary(pairs)["interval"][0]
        verdict = "is within" if low > -100 * BAR else "is not shown to be within"
        lines.append(f"- {arm}: bfloat16 {verdict} {100 * BAR:.1f} point of float32.")
    head = [
        "# Precision",
        "",
        f"Written by `make precision`. {PAIRS:,} training pairs of {SIZE} px, {TEST:,} for testing, {EPOCHS} epochs, the",
        "demo's teacher, student and oracle, each seed in both precisions.",
        "",
    ]
    TABLE.write_text("\n".join(head + lines) + "\n")
    begin, end = "<!-- precision: written by make precision -->\n", "<!-- end of precision -->"
    text = README.read_text()
    if begin in text and end in text:
        before, rest = text.split(begin)
        README.write_text(before + begin + "\n".join(head[2:] + lines) + "\n" + end + rest.split(end)[1])
    say(TABLE.read_text())
