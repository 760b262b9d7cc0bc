"""The authors' public code, timed on request.

python3 peer.py CHECKOUT CASE THREADS: CASE is step-mosi, step-iemocap or predict-one. Prints one JSON line about the
library. Then every line on stdin is answered by one of JSON: a number N by the milliseconds of N steps (or predictions)
each, "product" by the GFLOP/s of a 1024^3 float32 product.

A step is what their trainer does between two batches: forward, losses, backward, clipping, update. The batch is there
already.
"""

import importlib
import json
import re
import sys
import time
import types
from pathlib import Path

import torch

CASES = {
    "step-mosi": ("config/dec_mosi_config.json", [768, 5, 20], 50),
    "step-iemocap": ("config/iemocap_decalign_config.json", [1024, 512, 1024], 1),
}


def authors(checkout):
    """Their model and trainer, without the packages (BERT, metrics) that a step on features does not touch."""
    sys.path.insert(0, str(checkout))

    def package(name, **members):
        module = types.ModuleType(name)
        module.__path__ = [str(checkout / name.replace(".", "/"))]
        for key, value in members.items():
            setattr(module, key, value)
        sys.modules[name] = module

    package("trains")
    package("trains.subNets", BertTextEncoder=None)
    package("models")
    package("utils")
    package("utils.metrices", MetricsTop=None)
    try:
        import numpy  # noqa: F401
    except ImportError:
        sys.modules["numpy"] = types.ModuleType("numpy")
    return importlib.import_module("models.model"), importlib.import_module("trains.ATIO")


def product(n=1024, repetitions=15):
    a, b = torch.randn(n, n), torch.randn(n, n)
    times = []
    for _ in range(repetitions + 2):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * n**3 / sorted(times[2:])[repetitions // 2] / 1e9


def library():
    """The version, what it says of its build, and the BLAS libraries that the process has loaded (on Linux)."""
    lines = [line.strip(" -") for line in torch.__config__.show().split("\n")]
    build = [part for line in lines for part in re.split(", ", line) if re.search("BLAS|capability", part)]
    maps = Path("/proc/self/maps")
    files = {line.split()[-1] for line in maps.read_text().split("\n") if line} if maps.exists() else set()
    blas = sorted(file for file in files if re.search("blas|mkl|blis", Path(file).name, re.IGNORECASE))
    return {"library": f"PyTorch {torch.__version__}", "build": build, "blas": blas}


def main():
    checkout, case, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    training = case.startswith("step-")
    file, widths, length = CASES[case if training else "step-mosi"]
    models, trains = authors(checkout)
    settings = json.loads((checkout / file).read_text())
    dataset = "mosi" if "mosi" in file else "iemocap"
    settings = {"train_mode": "regression", **settings, "use_bert": False, "dataset_name": dataset, "feature_dims": widths}
    args = types.SimpleNamespace(**settings)
    model = models.DecAlign(args)
    batch = args.batch_size if training else 1
    inputs = [torch.randn(batch, length, width) for width in widths]
    classes = settings.get("num_classes")
    labels = torch.randint(0, classes, (batch,)) if classes else torch.rand(batch) * 6 - 3
    trainer = trains.DecAlignTrainer.__new__(trains.DecAlignTrainer)
    trainer.args, trainer.class_weights, trainer.criterion = args, None, torch.nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate, weight_decay=args.weight_decay)

    def step():
        model.zero_grad()
        outputs = model(*inputs)
        loss = trainer._combined_loss(trainer._main_loss(outputs["output_logit"], labels), outputs)
        if args.ct_weight > 0:
            loss = loss + args.ct_weight * trainer._contrastive_loss(outputs["final_rep"], labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        return loss.item()

    def predict():
        with torch.no_grad():
            return model(*inputs)["output_logit"].tolist()

    model.train(training)
    once = step if training else predict
    once()
    once()
    print(json.dumps(library()), flush=True)
    for line in sys.stdin:
        if line.strip() == "product":
            print(json.dumps(product()), flush=True)
            continue
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            once()
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps(times), flush=True)


main()
