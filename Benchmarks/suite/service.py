"""distilld on a state of its own, and a job through it."""
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import threading
import time

from .common import BUILD, THREADS, WORK, say

RECIPE = """\
name = "bench-{dataset}"
kind = "distill"
[dataset]
name = "{dataset}"
split = "all"
[teacher]
model = "resnet50"
[student]
architecture = "resnet18"
modality = "depth"
encoding = "metric"
size = 64
[training]
epochs = {epochs}
batch = 64
learning_rate = 0.05
threads = {threads}
views = {views}
ema = 0
noise = false
gradient_clip = 0
[[objective]]
knowledge = "response"
method = "kullback-leibler"
[objective.parameters]
temperature = 4.0
[[objective]]
knowledge = "feature"
method = "centred-cosine"
"""

WEIGHTS = """
import json, struct, sys, torch, torchvision
torch.manual_seed(0)
state = {k: v.float().contiguous() for k, v in torchvision.models.resnet50().state_dict().items() if 'num_batches' not in k}
header, offset = {}, 0
for name, tensor in state.items():
    size = tensor.numel() * 4
    header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [offset, offset + size]}
    offset += size
text = json.dumps(header).encode()
text += b' ' * (-len(text) % 8)
with open(sys.argv[1], 'wb') as file:
    file.write(struct.pack('<Q', len(text)) + text)
    for tensor in state.values():
        file.write(tensor.numpy().tobytes())
"""


def teacher(peer):
    """The teacher's weights; they come from torchvision."""
    weights = WORK / "resnet50.safetensors"
    if not weights.exists():
        if not peer:
            raise SystemExit("the teacher's weights come from torchvision; without PyTorch there is no job to run")
        subprocess.run([peer, "-c", WEIGHTS, str(weights)], check=True)
    return weights


def synthesize(name, pairs, size):
    """A folder of synthetic pairs, rendered once."""
    folder = WORK / name
    if not (folder / "dataset.toml").exists():
        say(f"rendering {pairs:,} pairs of {size}")
        shutil.rmtree(folder, ignore_errors=True)
        words = [BUILD / "distillctl", "datasets", "synthesize", folder, "--pairs", pairs, "--size", size]
        subprocess.run([str(w) for w in words], check=True, capture_output=True)
    return folder


class Daemon:
    """A daemon that is gone at its end, and empty at its start unless it keeps its state."""

    def __init__(self, state=WORK / "state", keeps=False, settings=None):
        self.state, self.keeps = state, keeps
        self.options = ["--config", settings] if settings else []

    def __enter__(self):
        if not self.keeps:
            shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True, exist_ok=True)
        self.socket = self.state / "distilld.sock"
        log = open(self.state / "distilld.log", "a")
        self.process = subprocess.Popen(
            [BUILD / "distilld", "--state", self.state, "--socket", self.socket, "--datasets", self.state / "none",
             *self.options],
            stderr=log,
            stdout=log,
        )
        for _ in range(200):
            if self.ctl("version", check=False):
                return self
            time.sleep(0.05)
        self.process.kill()
        raise SystemExit(f"distilld did not start, see {self.state / 'distilld.log'}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(90)

    def ctl(self, *words, check=True):
        command = [BUILD / "distillctl", *words, "--socket", self.socket, "-o", "json"]
        done = subprocess.run([str(w) for w in command], text=True, capture_output=True)
        if done.returncode != 0:
            if check:
                raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
            return None
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def rss_mib(self):
        return status_mib(self.process.pid, "VmRSS")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status_mib(process, field):
    text = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith(field + ":")).split()[1]) / 1024


class WorkerPeak:
    """The most memory that any worker of a daemon held, by its own account while it lives."""

    def __init__(self, daemon):
        self.daemon, self.mib, self.done = daemon.process.pid, 0.0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def look(self):
        while not self.done.wait(0.2):
            for children in pathlib.Path(f"/proc/{self.daemon}/task").glob("*/children"):
                try:
                    for child in children.read_text().split():
                        self.mib = max(self.mib, status_mib(child, "VmHWM"))
                except (OSError, StopIteration):
                    # A worker that has just ended.
                    continue


class FirstEpoch:
    """When the first epoch of the daemon's only run was over, in seconds since this began."""

    def __init__(self, daemon):
        self.folder, self.seconds, self.done = daemon.state / "runs", None, threading.Event()

    def __enter__(self):
        self.began = time.perf_counter()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def look(self):
        while self.seconds is None and not self.done.wait(0.02):
            for file in self.folder.glob("*/metrics.jsonl"):
                if '"epoch_seconds"' in file.read_text():
                    self.seconds = time.perf_counter() - self.began


def job(daemon, name, folder, weights, epochs, views):
    """The job through the daemon; epochs are timed by the run itself."""
    daemon.ctl("datasets", "add", folder, "--name", name)
    if not any(m["name"] == "resnet50" for m in daemon.ctl("models", "list")["models"]):
        settings = WORK / "preprocess.toml"
        settings.write_text(
            "scale = 0.00392156862745098\nmean = [0.485, 0.456, 0.406]\nstd = [0.229, 0.224, 0.225]\nsize = 64\n"
        )
        daemon.ctl("models", "import", weights, "--name", "resnet50", "--preprocess", settings)
    recipe = WORK / f"{name}.toml"
    recipe.write_text(RECIPE.format(dataset=name, epochs=epochs, threads=THREADS, views=views))
    plan = (daemon.ctl("plan", recipe, check=False) or {}).get("plan", {})
    with WorkerPeak(daemon) as peak, FirstEpoch(daemon) as first:
        began = time.perf_counter()
        found = daemon.ctl("enqueue", recipe, "--wait")["job"]
        total = time.perf_counter() - began
    found = daemon.ctl("show", found["id"])["job"]
    lines = [json.loads(l) for l in (pathlib.Path(found["run_folder"]) / "metrics.jsonl").read_text().splitlines()]
    seconds = [l["epoch_seconds"] for l in lines if "epoch_seconds" in l]
    rates = [l["samples_per_second"] for l in lines if "epoch_seconds" in l]
    return {
        "program": "distilld",
        "mode": plan.get("precision", "float32"),
        "samples_per_second": round(statistics.median(rates[views:] or rates[-1:]), 1),
        "first_epoch_seconds": round(first.seconds or seconds[0], 2),
        # What is not in an epoch: starting, the teacher's statistics, measuring, exporting.
        "other_seconds": round(total - sum(seconds), 2),
        "total_seconds": round(total, 2),
        "samples_per_second_overall": round(len(lines) * 64 / total, 1),
        "samples_per_epoch": round(rates[0] * seconds[0]),
        "peak_mib": round(peak.mib),
    }
