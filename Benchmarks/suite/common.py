"""What all parts use: places, processes, the Python that has PyTorch, and an eye on what else the machine does."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("DISTILL_BUILD", ROOT / ".build" / "release"))
WORK = ROOT / ".distill" / "bench"
# The same for all.
THREADS = os.cpu_count() or 1
# Shares of the machine's time that other programs may take before a figure is called disturbed.
CALM = 0.03
ATTEMPTS = 3


def say(text):
    print(text, flush=True)


def run(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, text=True, capture_output=True, **options).stdout


def has(feature):
    """Whether the processor says that it has a feature."""
    return feature in pathlib.Path("/proc/cpuinfo").read_text().split()


def python():
    """A Python that has PyTorch, or None."""
    ours = WORK / "venv" / "bin" / "python"
    given = os.environ.get("DISTILL_PYTHON")
    for candidate in filter(None, [given, str(ours)]):
        if pathlib.Path(candidate).exists():
            probe = subprocess.run([candidate, "-c", "import torch, torchvision, PIL"], capture_output=True)
            if probe.returncode == 0:
                return candidate
    say("installing PyTorch into .distill/bench/venv (once)")
    try:
        run(sys.executable, "-m", "venv", WORK / "venv")
        run(ours, "-m", "pip", "install", "--quiet", "torch", "torchvision", "numpy", "pillow")
        return str(ours)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"PyTorch cannot be installed, so there is no comparison: {error}")
        return None


class Watch:
    """How busy the rest of the machine is while something runs: `share` of all processors' time."""

    def __enter__(self):
        self.began = self.now()
        return self

    def __exit__(self, *_):
        busy, elapsed, own = (after - before for after, before in zip(self.now(), self.began))
        self.share = round(max(0.0, busy - own) / max(elapsed, 1e-9), 4)

    @staticmethod
    def now():
        ticks = os.sysconf("SC_CLK_TCK")
        with open("/proc/stat") as file:
            fields = [int(x) for x in file.readline().split()[1:9]]
        idle = fields[3] + fields[4]
        times = os.times()
        return (sum(fields) - idle) / ticks, sum(fields) / ticks, sum(times[:4])


def calmly(attempt):
    """The least disturbed of up to three attempts, with the share that others took.

    attempt: a function that measures and returns a dictionary. What the machine does beside makes every figure wrong.
    """
    best = None
    for _ in range(ATTEMPTS):
        with Watch() as watch:
            row = attempt()
        row["disturbance"] = watch.share
        if best is None or watch.share < best["disturbance"]:
            best = row
        if best["disturbance"] <= CALM or "skipped" in row:
            break
    return best


def measured(*words, timeout=None):
    """The last line of a program's output as JSON, measured calmly."""
    return calmly(lambda: json.loads(run(*words, timeout=timeout).strip().splitlines()[-1]))


def mark(*rows):
    """A star for figures that were disturbed."""
    return "*" if any(row and row.get("disturbance", 0) > CALM for row in rows) else ""


class Table:
    """Rows of text for the terminal and for Markdown."""

    def __init__(self, title, header):
        self.title, self.header, self.rows, self.notes = title, header, [], []

    def add(self, *cells):
        self.rows.append([str(c) for c in cells])

    def text(self):
        rows = [self.header, *self.rows]
        widths = [max(len(row[n]) for row in rows) for n in range(len(self.header))]
        lines = ["  ".join(c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(row, widths))) for row in rows]
        return "\n".join([self.title, *("  " + line.rstrip() for line in lines), *("  " + n for n in self.notes)])

    def markdown(self):
        lines = [self.header, ["---"] + ["---:"] * (len(self.header) - 1), *self.rows]
        return "\n".join([f"## {self.title}", "", *("| " + " | ".join(row) + " |" for row in lines), "", *self.notes, ""])
