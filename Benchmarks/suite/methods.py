"""Every method of distillation on the synthetic task: students, controls, and the table of both."""
import functools
import hashlib
import json
import pathlib
import statistics
import subprocess
import textwrap
import time

from . import service
from .common import BUILD, ROOT, run, say

WORK = ROOT / ".distill" / "methods"
TABLE = ROOT / "Benchmarks" / "methods.md"
README = ROOT / "README.md"
PAIRS, TEST, SIZE, EPOCHS, RHO = 2000, 500, 64, 10, 0.95
# How much better than its shuffled control a method must be at least, in accuracy.
MARGIN = 0.05

# Methods together: what was tried in place of the default of recipes that name none.
_DIST, _PEARSON, _COSINE = "response/dist", "feature/pearson", "feature/centred-cosine"
COMBINATIONS = {
    "dist-pearson": [(_DIST, 1, {}), (_PEARSON, 10, {})],
    "dist-pearson-queue": [(_DIST, 1, {}), (_PEARSON, 10, {}), ("relation/queue", 3, {})],
    "earlier-default": [
        ("response/kullback-leibler", 1, {"temperature": 2.0}),
        (_COSINE, 1, {}),
        ("relation/cosine-gram", 0.5, {"temperature": 0.1}),
    ],
}

TEACHER = """\
name = "teacher-{seed}"
kind = "train"
[dataset]
name = "methods-{seed}"
[student]
modality = "rgb"
encoding = "imagenet"
size = {size}
[training]
epochs = {epochs}
seed = {seed}
"""

STUDENT = """\
name = "{job}"
kind = "distill"
[dataset]
name = "methods-{seed}"
shuffle_pairs = {shuffled}
[teacher]
model = "teacher-{seed}"
[student]
size = {size}
[training]
epochs = {epochs}
seed = {seed}
"""


@functools.cache
def known():
    """What the program knows: all methods, and the default."""
    return json.loads(run(BUILD / "distillctl", "methods", "-o", "json"))


def full(method):
    return f"{method['knowledge']}/{method['method']}"


def usual():
    """The weight of each method where a recipe gives none: it belongs to what a result was measured with."""
    return {full(m): m["weight"] for m in known()["methods"]}


def objectives(chosen):
    """Objectives of a recipe: (method, weight or None, parameters)."""
    text = ""
    for name, weight, parameters in chosen:
        knowledge, method = name.split("/")
        text += f'[[objective]]\nknowledge = "{knowledge}"\nmethod = "{method}"\n'
        text += f"weight = {usual()[name] if weight is None else weight}\n"
        if parameters:
            text += "[objective.parameters]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in parameters.items())
    return text


def candidates():
    """All methods that learn from a teacher, each alone, then the combinations."""
    found = {name: [(name, None, {})] for name in usual() if not name.startswith("label/")}
    return {**found, "default": [(full(m), m["weight"], {}) for m in known()["default"]], **COMBINATIONS}


def key(name, recipe):
    """A result belongs to the recipe that it was measured with."""
    return f"{name.replace('/', '-')}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def student(name, chosen, seed, shuffled):
    job = f"{name.replace('/', '-')}-{seed}{'-shuffled' if shuffled else ''}"
    recipe = STUDENT.format(job=job, seed=seed, size=SIZE, epochs=EPOCHS, shuffled=str(shuffled).lower())
    return job, recipe + objectives(chosen)


def path(name, chosen, seed, shuffled):
    job, recipe = student(name, chosen, seed, shuffled)
    return WORK / "results" / f"{key(job, recipe)}.json"


def plan(seeds, only):
    """What is to be measured, in order: each method with one seed and its control before further seeds."""
    found = candidates()
    if only:
        unknown = set(only) - set(found)
        if unknown:
            raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(found)}")
        found = {name: found[name] for name in only}
    for seed in range(seeds):
        for name, chosen in found.items():
            yield name, chosen, seed, False
            if seed == 0:
                yield name, chosen, seed, True


def measure(seeds, minutes, only):
    (WORK / "results").mkdir(parents=True, exist_ok=True)
    todo = [each for each in plan(seeds, only) if not path(*each).exists()]
    if not todo:
        return say("everything is measured already")
    deadline = time.monotonic() + 60 * minutes
    with service.Daemon(WORK / "state", keeps=True) as daemon:
        ready = set()
        for number, (name, chosen, seed, shuffled) in enumerate(todo):
            if time.monotonic() > deadline:
                return say(f"out of time with {len(todo) - number} of {len(todo)} students to go; run it again to go on")
            if seed not in ready:
                prepare(daemon, seed)
                ready.add(seed)
            result = train(daemon, name, chosen, seed, shuffled)
            path(name, chosen, seed, shuffled).write_text(json.dumps(result, indent=1) + "\n")
            what = f"{name}, seed {seed}{', shuffled pairs' if shuffled else ''}"
            say(f"{number + 1}/{len(todo)}  {what}: {result.get('error') or 'accuracy %.3f' % result['accuracy']}")


def prepare(daemon, seed):
    """The data set and the teacher of a seed, unless they are there."""
    dataset = f"methods-{seed}"
    folder = WORK / dataset
    if not (folder / "dataset.toml").exists():
        words = ["datasets", "synthesize", folder, "--pairs", PAIRS + TEST, "--size", SIZE]
        run(BUILD / "distillctl", *words, "--seed", seed, "--rho", RHO)
    if dataset not in {d["name"] for d in daemon.ctl("datasets", "list")["datasets"]}:
        daemon.ctl("datasets", "add", folder, "--name", dataset)
    if f"teacher-{seed}" not in {m["name"] for m in daemon.ctl("models", "list")["models"]}:
        recipe = WORK / f"teacher-{seed}.toml"
        recipe.write_text(TEACHER.format(seed=seed, size=SIZE, epochs=EPOCHS))
        daemon.ctl("enqueue", recipe, "--wait")
    teacher = WORK / "results" / f"teacher-{seed}.json"
    if not teacher.exists():
        metrics = daemon.ctl("evaluate", f"teacher-{seed}", "--dataset", dataset)["metrics"]
        teacher.write_text(json.dumps({"accuracy": metrics["accuracy"]}) + "\n")


def train(daemon, name, chosen, seed, shuffled):
    """One student; a run that fails is a result too."""
    job, recipe = student(name, chosen, seed, shuffled)
    file = WORK / "recipe.toml"
    file.write_text(recipe)
    try:
        return measured(daemon, daemon.ctl("enqueue", file, "--wait")["job"], seed)
    except SystemExit as error:
        return {"error": str(error)}


def measured(daemon, job, seed):
    found = daemon.ctl("show", job["id"])["job"]
    lines = (pathlib.Path(found["run_folder"]) / "metrics.jsonl").read_text().splitlines()
    seconds = [v["epoch_seconds"] for v in map(json.loads, lines) if "epoch_seconds" in v]
    model = found["model"]
    metrics = daemon.ctl("evaluate", model, "--dataset", f"methods-{seed}", "--split", "test")["metrics"]
    daemon.ctl("models", "remove", model)
    has_logits = "accuracy" in metrics
    return {
        "has_logits": has_logits,
        "accuracy": metrics["accuracy" if has_logits else "taught_accuracy"],
        "agreement": metrics["agreement" if has_logits else "taught_agreement"],
        "retrieval": metrics["mapped_retrieval_at_1"],
        "retrieval_chance": metrics["mapped_retrieval_chance_at_1"],
        "seconds_per_epoch": statistics.median(seconds[4:] or seconds),
        "metrics": metrics,
    }


def read(seeds):
    rows = []
    for name, chosen in candidates().items():
        def load(seed, shuffled):
            file = path(name, chosen, seed, shuffled)
            return json.loads(file.read_text()) if file.exists() else None

        found = [r for r in (load(seed, False) for seed in range(seeds)) if r]
        control = load(0, True)
        if found:
            rows.append({"name": name, "runs": [r for r in found if "error" not in r], "control": control,
                         "errors": [r["error"] for r in found if "error" in r]})
    return rows


def spread(values, places=3):
    """Mean and half the distance between the extremes."""
    mean = f"{statistics.mean(values):.{places}f}".lstrip("0")
    return mean if len(values) == 1 else f"{mean} ±{(max(values) - min(values)) / 2:.{places}f}".replace("±0", "±")


def write(seeds):
    rows = read(seeds)
    if not rows:
        return say("nothing is measured yet")
    teachers = [json.loads(f.read_text())["accuracy"] for f in sorted((WORK / "results").glob("teacher-*.json"))]
    lines = [
        "# Methods",
        "",
        textwrap.fill(
            f"Written by `make methods`. {PAIRS:,} synthetic training pairs of {SIZE} px, ten classes, {EPOCHS} epochs, "
            f"students (`residual-small`, depth) from random weights, no labels; the RGB teacher reaches "
            f"{spread(teachers)} on the {TEST} test pairs. Mean over seeds ± half the range. \"Shuffled\" is the same "
            "method on shuffled pairs (one seed). Accuracies in italics are of methods that teach no logits, read by a "
            "linear classifier fitted to the teacher's answers. Retrieval: the right RGB frame found from depth first "
            f"among {TEST}, through a linear map fitted on the training pairs.",
            118,
        ),
        "",
        "| Method | accuracy | shuffled | agreement | retrieval | s per epoch | seeds |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    weak = []
    base = None
    for row in sorted(rows, key=lambda r: -statistics.mean([x["accuracy"] for x in r["runs"]] or [0])):
        runs, control = row["runs"], row["control"]
        if not runs:
            lines.append(f"| {row['name']} | failed | | | | | 0 |")
            weak.append(f"{row['name']} failed: {row['errors'][0]}")
            continue
        accuracy = statistics.mean(r["accuracy"] for r in runs)
        text = spread([r["accuracy"] for r in runs])
        text = text if runs[0]["has_logits"] else f"*{text}*"
        shuffled = "" if not control or "error" in control else f"{control['accuracy']:.3f}".lstrip("0")
        if not control or "error" in control:
            weak.append(f"{row['name']}: the control {'failed' if control else 'is still to be measured'}")
        elif accuracy < control["accuracy"] + MARGIN:
            weak.append(f"{row['name']} is not {MARGIN:.2f} better than its control")
        cells = [row["name"], text, shuffled, spread([r["agreement"] for r in runs]),
                 spread([r["retrieval"] for r in runs]), f"{statistics.median(r['seconds_per_epoch'] for r in runs):.2f}",
                 str(len(runs))]
        lines.append("| " + " | ".join(cells) + " |")
        if len(runs) == seeds and runs[0]["has_logits"]:
            base = base or row["name"]
    if base:
        lines += ["", f"Best that answers by itself, of those with {seeds} seeds: `{base}`."]
    lines.append("")
    lines += [f"- {text}" for text in weak] or ["Every method beats its control."]
    TABLE.write_text("\n".join(lines) + "\n")
    begin, end = "<!-- methods: written by make methods -->\n", "<!-- end of methods -->"
    before, rest = README.read_text().split(begin)
    README.write_text(before + begin + "\n".join(lines[2:]) + "\n" + end + rest.split(end)[1])
    say(TABLE.read_text())
