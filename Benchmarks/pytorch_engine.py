#!/usr/bin/env python3
"""The peer of distill-bench: the same steps in PyTorch, in every configuration that a competent user would try.

    python pytorch_engine.py --architecture resnet18 --size 64 --batch 64 [--frozen]

Student: a training step with cross-entropy on 1000 classes and SGD with Nesterov's momentum. Frozen: a teacher's forward
pass in inference mode. Configurations: eager and torch.compile, float32 and bfloat16 autocast, channels-last and not.
Each runs in a process of its own, so that its peak memory is its own, and prints one JSON line: median and best seconds,
images/s, peak MiB, seconds until the first step was over; or why it was skipped.
"""
import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

CONFIGURATIONS = [
    f"{mode}-{precision}-{layout}"
    for mode in ("eager", "compiled")
    for precision in ("float32", "bfloat16")
    for layout in ("contiguous", "channels_last")
]


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--architecture", default="resnet18")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--warmups", type=int, default=2)
    parser.add_argument("--limit", type=float, default=240, help="seconds that one configuration may take")
    parser.add_argument("--configuration", choices=CONFIGURATIONS, help="run this one, here")
    return parser.parse_args()


def peak_mib():
    # Unlike getrusage's, this peak does not begin with that of the process that started this one.
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def step_of(o, torch, torchvision):
    """A function that does one step."""
    mode, precision, layout = o.configuration.split("-")
    torch.manual_seed(0)
    model = getattr(torchvision.models, o.architecture)()
    images = torch.randn(o.batch, 3, o.size, o.size)
    if layout == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    context = (
        (lambda: torch.autocast("cpu", torch.bfloat16)) if precision == "bfloat16" else contextlib.nullcontext
    )
    if o.frozen:
        model = model.eval().requires_grad_(False)
        if mode == "compiled":
            # Folds batch normalisation, as one may where weights are constant.
            torch._inductor.config.freezing = True
            model = torch.compile(model)

        def forward():
            with torch.inference_mode(), context():
                return model(images)

        return forward
    labels = torch.randint(1000, (o.batch,))
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.001, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True
    )
    network = torch.compile(model) if mode == "compiled" else model

    def step():
        with context():
            logits = network(images)
        loss = torch.nn.functional.cross_entropy(logits.float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def measure(o):
    # Compile in this process, so that nobody compiles beside the measurement.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    import torch
    import torchvision

    if o.configuration.startswith("compiled"):
        import torch._inductor.config
    torch.set_num_threads(o.threads)
    step = step_of(o, torch, torchvision)
    began = time.perf_counter()
    step()
    first = time.perf_counter() - began
    for _ in range(max(0, o.warmups - 1)):
        step()
    seconds = []
    for _ in range(o.runs):
        began = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds)
    return {
        "program": "pytorch " + torch.__version__,
        "medianSeconds": round(median, 6),
        "bestSeconds": round(min(seconds), 6),
        "imagesPerSecond": round(o.batch / median, 2),
        "peakMiB": round(peak_mib(), 1),
        "firstStepSeconds": round(first, 2),
    }


def attempt(words, configuration, limit, runner=subprocess.run):
    """One configuration in a process of its own: what it prints, or why it was skipped.

    words: the command line without `--configuration`.
    """
    if configuration.startswith("compiled") and not any(map(shutil.which, ("g++", "clang++", "c++"))):
        return {"skipped": "torch.compile needs a C++ compiler"}
    try:
        done = runner([*words, "--configuration", configuration], text=True, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"skipped": f"not done after {limit:.0f} s"}
    if done.returncode != 0:
        return {"skipped": (done.stderr.strip().splitlines() or ["no message"])[-1][:300]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    o = options()
    if o.configuration:
        print(json.dumps(measure(o)), flush=True)
        return
    for configuration in CONFIGURATIONS:
        row = attempt([sys.executable, *sys.argv], configuration, o.limit)
        print(json.dumps({"configuration": configuration, **row}), flush=True)


if __name__ == "__main__":
    main()
