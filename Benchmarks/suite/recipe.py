"""Settings of a recipe's training against one another: students over seeds, and the table of their accuracies."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import statistics
import time
import tomllib

from . import service
from .common import BUILD, ROOT, THREADS, run, say

WORK = ROOT / ".distill" / "recipe"
TABLE = ROOT / "Benchmarks" / "recipe.md"
DATA = pathlib.Path(os.environ.get("DISTILL_TEST_DATA", ROOT.parent / "shared" / "data"))
PAIRS, TEST, SIZE, RHO = 4000, 1000, 64, 0.95
# Epochs of the tasks: on 4,000 pairs ten are 620 steps, on the kitchen's 400 forty are 240.
EPOCHS = {"synthetic": 10, "exact": 10, "kitchen": 40}
BLOCK, GUARD = 50, 5
# Blocks of the kitchen's frames by turns.
PARTS = ("train", "train", "choose", "train", "test")


def noise(**settings):
    """Noise in full: what is not given is none."""
    return {"noise": {"axial": 0.0, "scale": 0.0, "edges": 0.0, "edge_width": 2.0, "holes": 0.0, **settings}}


def objectives(*chosen):
    """What a distilled student learns from the teacher: (knowledge/method, weight, parameters), or less."""
    return {"objectives": list(chosen)}


def divergence(temperature, weight=1):
    return "response/kullback-leibler", weight, {"temperature": temperature}


def dist(temperature=1.0, weight=3):
    return "response/dist", weight, {"temperature": temperature}


FEATURES = ("feature/pearson", 10), ("feature/centred-cosine", 1)
# What [training] and [[objective]] mean where a recipe is silent; `measure` compares it with the program's own.
BASE = {
    "learning_rate": 0.15,
    "weight_decay": 0.0005,
    "gradient_clip": 5.0,
    "batch": 0,
    "views": 4,
    "crop": 0.85,
    "ema": 0.99,
    **noise(axial=1.0, scale=0.02),
    **objectives(divergence(1.0), *FEATURES),
}
# What the student's pixels lose beside edges where `edges` was counted in them and not in the sensor's.
EARLIER_NOISE = noise(axial=1.0, scale=0.05, edges=0.3, edge_width=20.0, holes=4.0)
# Steps of the search: the bound on the gradient was the first thing found, then rate and crop, then the objectives.
SECOND = {"batch": 64, **objectives(dist(), *FEATURES)}
FIRST = {**SECOND, "learning_rate": 0.1, "crop": 0.7}

# What each setting changes of BASE; None: an older build with its own defaults, see the command's help.
SETTINGS = {
    "before": None,
    "default": {},
    "noise off": {"noise": False},
    "scale .05": noise(axial=1.0, scale=0.05),
    "scale .1": noise(axial=1.0, scale=0.1),
    "axial 5": noise(axial=5.0, scale=0.02),
    "edges": noise(axial=1.0, scale=0.02, edges=0.3),
    "2 holes": noise(axial=1.0, scale=0.02, holes=2.0),
    "8 holes": noise(axial=1.0, scale=0.02, holes=8.0),
    "the earlier noise": EARLIER_NOISE,
    "2 views": {"views": 2},
    "8 views": {"views": 8},
    "crop .7": {"crop": 0.7},
    "crop 1": {"crop": 1.0},
    "average off": {"ema": 0.0},
    "average .98": {"ema": 0.98},
    "learning rate .1": {"learning_rate": 0.1},
    "learning rate .2": {"learning_rate": 0.2},
    "weight decay .002": {"weight_decay": 0.002},
    "clip 1": {"gradient_clip": 1.0},
    "clip off": {"gradient_clip": 0.0},
    "batch 8, rate .08": {"batch": 8, "learning_rate": 0.08},
    "batch 16": {"batch": 16},
    "batch 16, rate .08": {"batch": 16, "learning_rate": 0.08},
    "batch 32": {"batch": 32},
    "batch 64": {"batch": 64},
    "kl 4": objectives(divergence(4.0), *FEATURES),
    "dist and kl": objectives(dist(), divergence(1.0), *FEATURES),
    "batch 64, kl 2": {"batch": 64, **objectives(divergence(2.0), *FEATURES)},
    "batch 64, kl 4": {"batch": 64, **objectives(divergence(4.0), *FEATURES)},
    "batch 64, dist and kl": {"batch": 64, **objectives(dist(), divergence(1.0), *FEATURES)},
    "batch 64, dist 2": {"batch": 64, **objectives(dist(2.0), *FEATURES)},
    "batch 64, dist 4": {"batch": 64, **objectives(dist(4.0), *FEATURES)},
    "batch 64, 1 dist 4": {"batch": 64, **objectives(dist(4.0, 1), *FEATURES)},
    "batch 64, kl 1 alone": {"batch": 64, **objectives(divergence(1.0))},
    "batch 64, kl 2 alone": {"batch": 64, **objectives(divergence(2.0))},
    "batch 64, kl 4 alone": {"batch": 64, **objectives(divergence(4.0))},
    "second": SECOND,
    "second, noise off": {**SECOND, "noise": False},
    "second, scale .05": {**SECOND, **noise(axial=1.0, scale=0.05)},
    "second, the earlier noise": {**SECOND, **EARLIER_NOISE},
    "second, 2 holes": {**SECOND, **noise(axial=1.0, scale=0.02, holes=2.0)},
    "second, 8 views": {**SECOND, "views": 8},
    "second, crop .7": {**SECOND, "crop": 0.7},
    "second, crop 1": {**SECOND, "crop": 1.0},
    "second, average off": {**SECOND, "ema": 0.0},
    "second, learning rate .2": {**SECOND, "learning_rate": 0.2},
    "second, batch 32": {**SECOND, "batch": 32},
    "second, batch 16": {**SECOND, "batch": 16},
    "first": FIRST,
    "first, clip 1": {**FIRST, "gradient_clip": 1.0},
    "first, clip off": {**FIRST, "gradient_clip": 0.0},
    "first, noise off": {**FIRST, "noise": False},
    "first, scale .05": {**FIRST, **noise(axial=1.0, scale=0.05)},
    "first, 8 views": {**FIRST, "views": 8},
    "first, crop .5": {**FIRST, "crop": 0.5},
    "first, crop .85": {**FIRST, "crop": 0.85},
    "first, crop 1": {**FIRST, "crop": 1.0},
    "first, average .98": {**FIRST, "ema": 0.98},
    "first, learning rate .2": {**FIRST, "learning_rate": 0.2},
    "first, weight decay .001": {**FIRST, "weight_decay": 0.001},
    "first, batch 32": {**FIRST, "batch": 32},
}
ARMS = {
    "synthetic": ("oracle", "distilled"),
    "exact": ("oracle", "distilled"),
    "kitchen": ("distilled",),
}

TEACHER = """\
name = "teacher-{task}-{seed}"
kind = "train"
[dataset]
name = "recipe-{task}-{seed}"
[student]
modality = "rgb"
encoding = "imagenet"
[training]
epochs = 10
seed = {seed}
threads = 1
"""

STUDENT = """\
name = "{job}"
kind = "{kind}"
[dataset]
name = "{dataset}"
{arm}[training]
epochs = {epochs}
seed = {seed}
threads = 1
{training}"""


def toml(changes):
    """Keys of [training]; tables behind them, then the objectives."""
    changes = dict(changes)
    chosen = changes.pop("objectives", [])
    lines = [f"{key} = {json.dumps(value)}" for key, value in changes.items() if not isinstance(value, dict)]
    for name, table in changes.items():
        if isinstance(table, dict):
            lines += [f"[training.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    for name, *more in chosen:
        knowledge, method = name.split("/")
        lines += ["[[objective]]", f'knowledge = "{knowledge}"', f'method = "{method}"', f"weight = {more[0]}"]
        for table in more[1:]:
            lines += ["[objective.parameters]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def dataset(task, seed):
    return "recipe-kitchen" if task == "kitchen" else f"recipe-{task}-{seed}"


def student(task, setting, arm, seed):
    """The job's name and its recipe, which says all that is compared."""
    slug = "".join(c if c.isalnum() else "-" for c in setting)
    job = f"{task}-{slug}-{arm}-{seed}"
    distils = arm == "distilled"
    changes = SETTINGS[setting]
    settings = {} if changes is None else {**BASE, **changes}
    if not distils:
        settings.pop("objectives", None)
    teacher = "squeezenet" if task == "kitchen" else f"teacher-{task}-{seed}"
    begins = "" if task == "kitchen" else '[student]\ninitialise = "teacher"\n'
    text = STUDENT.format(
        job=job, kind="distill" if distils else "train", dataset=dataset(task, seed), seed=seed,
        arm=f'[teacher]\nmodel = "{teacher}"\n{begins}' if distils else "", epochs=EPOCHS[task],
        training=toml(settings) if settings else "")
    return job, text


def path(task, setting, arm, seed):
    """A result belongs to what its recipe says, whatever the setting is called."""
    return result(student(task, setting, arm, seed)[1], "before" if SETTINGS[setting] is None else task)


def result(text, task):
    said = text.split("\n", 1)[1]
    return WORK / "results" / f"{task}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.json"


def plan(seeds, only):
    """What is to be measured: every setting with one seed before further seeds."""
    chosen = [(task, setting) for task in EPOCHS for setting in SETTINGS if setting != "before"]
    if only:
        every = [(task, setting) for task in EPOCHS for setting in SETTINGS]
        chosen = [each for each in every if each[0] in only or "/".join(each) in only]
        unknown = [name for name in only if name not in EPOCHS and name not in map("/".join, every)]
        if unknown or not chosen:
            raise SystemExit(f"unknown: {', '.join(unknown)}; known: {', '.join(map('/'.join, every))}")
        chosen = [each for each in chosen if each[1] != "before" or "/".join(each) in only]
    for seed in range(seeds):
        for task, setting in chosen:
            for arm in ARMS[task]:
                if not path(task, setting, arm, seed).exists():
                    yield task, setting, arm, seed


def measure(seeds, minutes, only):
    (WORK / "results").mkdir(parents=True, exist_ok=True)
    todo = list(plan(seeds, only))
    if not DATA.exists():
        todo = [each for each in todo if each[0] != "kitchen"]
        say(f"no recordings at {DATA}: the kitchen is left out")
    if not todo:
        return say("everything is measured already")
    deadline = time.monotonic() + 60 * minutes
    # One thread a run and a run for each core: as many runs an hour as this machine can do.
    settings = WORK / "distilld.toml"
    settings.write_text(f"[queue]\nworkers = {THREADS}\n")
    older = any(setting == "before" for _, setting, _, _ in todo)
    if older and any(setting != "before" for _, setting, _, _ in todo):
        raise SystemExit("`before` is measured alone, with DISTILL_BUILD naming the older build")
    with service.Daemon(WORK / ("state-before" if older else "state"), keeps=True, settings=settings) as daemon:
        for task, seed in dict.fromkeys((task, seed) for task, _, _, seed in todo):
            if time.monotonic() < deadline:
                prepare(daemon, task, seed)
        if not older:
            compare(daemon, todo[0])
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda each: one(daemon, each, deadline), todo))


def compare(daemon, each):
    """BASE must be what the program means."""
    task, _, arm, seed = each
    file = WORK / "defaults.toml"
    file.write_text(STUDENT.format(
        job="defaults", kind="train", dataset=dataset(task, seed), arm="", epochs=1, seed=0, training=""))
    text = daemon.ctl("plan", file, check=False) if task != "kitchen" else None
    if not text:
        return
    ours = tomllib.loads(text["plan"]["recipe"])["training"]
    for key, value in BASE.items():
        if key not in ("batch", "objectives") and ours[key] != value:
            say(f"note: BASE says {key} = {value}, the program {ours[key]}")


def prepare(daemon, task, seed):
    """The data set and the teacher of a task, unless they are there."""
    name, folder = dataset(task, seed), WORK / dataset(task, seed)
    if not (folder / "dataset.toml").exists():
        if task == "kitchen":
            kitchen(folder)
        else:
            words = ["datasets", "synthesize", folder, "--pairs", PAIRS + TEST, "--size", SIZE, "--rho", RHO]
            words += ["--no-sensor-noise"] if task == "exact" else []
            run(BUILD / "distillctl", *words, "--seed", seed, "--test", TEST)
    if name not in {d["name"] for d in daemon.ctl("datasets", "list")["datasets"]}:
        daemon.ctl("datasets", "add", folder, "--name", name)
    known = {m["name"] for m in daemon.ctl("models", "list")["models"]}
    if task == "kitchen":
        if "squeezenet" not in known:
            file = DATA / "squeezenet" / "squeezenet11_fp32_rgb_imagenetnorm_logits.onnx"
            daemon.ctl("models", "import", file, "--name", "squeezenet", "--preprocess", "imagenet")
    elif f"teacher-{task}-{seed}" not in known:
        file = WORK / f"teacher-{task}-{seed}.toml"
        file.write_text(TEACHER.format(task=task, seed=seed))
        daemon.ctl("enqueue", file, "--wait")


def kitchen(folder):
    """The real frames in parts, with those left out that stand beside another part."""
    frames = sorted(f.name.split(".")[0] for f in (DATA / "kitchen").glob("frame-*.color.jpg"))
    part = [PARTS[number // BLOCK % len(PARTS)] for number in range(len(frames))]
    lines = ["key,label,split"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, frame in enumerate(frames):
        begins = [other for other in part[max(0, number - GUARD):number] if other != part[number]]
        if begins:
            continue  # The first frames of a block whose neighbour is another part.
        lines.append(f"{frame},,{ {'choose': 'validation'}.get(part[number], part[number]) }")
        for kind in ("color.jpg", "depth.png"):
            shutil.copy(DATA / "kitchen" / f"{frame}.{kind}", folder)
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    (folder / "dataset.toml").write_text(
        'layout = "suffix"\nregistered = true\n[rgb]\npath = "."\npattern = "*.color.jpg"\n[depth]\npath = "."\n'
        'pattern = "*.depth.png"\nscale = 0.001\n[labels]\nfile = "labels.csv"\nkey = "key"\nlabel = "label"\n'
        'split = "split"\n')


def one(daemon, each, deadline):
    if time.monotonic() > deadline:
        return
    task, setting, arm, seed = each
    job, text = student(*each)
    file = WORK / f"{job}.toml"
    file.write_text(text)
    queued = daemon.ctl("enqueue", file, "--wait")["job"]
    file.unlink()
    found = daemon.ctl("show", queued["id"])["job"]
    splits = ("validation", "test") if task == "kitchen" else ("test",)
    measured = {
        split: daemon.ctl("evaluate", found["model"], "--dataset", dataset(task, seed), "--split", split,
                          "--no-probes")["metrics"]
        for split in splits
    }
    daemon.ctl("models", "remove", found["model"])
    path(*each).write_text(json.dumps({"recipe": text, "metrics": measured}) + "\n")
    figure = value(task, measured)
    say(f"{task}, {setting}, {arm}, seed {seed}: {figure:.4f}")


def value(task, measured, split=None):
    """Accuracy on the test split; of the kitchen the agreement with the teacher, on `choose` unless said otherwise."""
    if task == "kitchen":
        return measured[split or "validation"]["agreement"]
    return measured["test"]["accuracy"]


def read(task, setting, arm, seeds, split=None):
    files = [path(task, setting, arm, seed) for seed in range(seeds)]
    return [value(task, json.loads(f.read_text())["metrics"], split) for f in files if f.exists()]


def figure(values):
    """Mean and half the distance between the extremes."""
    if not values:
        return ""
    mean = f"{statistics.mean(values):.3f}".lstrip("0")
    return mean if len(values) == 1 else f"{mean} ±{(max(values) - min(values)) / 2:.3f}".replace("±0", "±")


def write(seeds):
    lines = [
        "# Recipe",
        "",
        "Written by `make recipe`; `Benchmarks/recipe --help` says what the tasks are. `residual-small`, depth, 64 px.",
        f"{PAIRS:,} synthetic training pairs and {TEST:,} test pairs a seed, {EPOCHS['synthetic']} epochs: accuracy.",
        f"Kitchen, {EPOCHS['kitchen']} epochs: agreement with SqueezeNet. Mean over seeds ± half the range. Each row",
        "changes what it names from the defaults, which are:",
        "",
        "```toml",
        "[training]",
        *toml(BASE).rstrip().split("\n"),
        "```",
        "",
        "| Setting | synthetic: oracle | distilled | exact: oracle | distilled | kitchen: choose | test | seeds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for setting in SETTINGS:
        columns = [(task, arm, None) for task in ("synthetic", "exact") for arm in ARMS[task]]
        columns += [("kitchen", "distilled", "validation"), ("kitchen", "distilled", "test")]
        found = [read(task, setting, arm, seeds, split) for task, arm, split in columns]
        if any(found):
            counts = sorted({len(values) for values in found if values})
            seen = "-".join(str(n) for n in (counts if len(counts) == 1 else (counts[0], counts[-1])))
            lines.append("| " + " | ".join([setting, *map(figure, found), seen]) + " |")
    TABLE.write_text("\n".join(lines) + "\n")
    say(TABLE.read_text())
