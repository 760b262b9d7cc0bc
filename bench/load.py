"""A pickle of MOSEI's shapes, and how long Python takes to load it.

python3 load.py write FILE BYTES DTYPE: writes features of that many bytes and type in MMSA's layout.
python3 load.py load FILE: prints the milliseconds that pickle.load took.
"""

import pickle
import sys
import time

import numpy as np

TIME = 50
WIDTHS = {"text": 768, "audio": 74, "vision": 35}


def split(name, samples, dtype, random):
    lengths = random.integers(5, TIME + 1, samples)
    table = {}
    for modality, width in WIDTHS.items():
        features = random.standard_normal((samples, TIME, width), dtype=np.float32).astype(dtype)
        features[np.arange(TIME) >= lengths[:, None]] = 0
        table[modality] = features
    return table | {
        "id": [f"{name}$_${sample}" for sample in range(samples)],
        "raw_text": ["what was said in the clip, word for word"] * samples,
        "text_bert": np.zeros((samples, 3, TIME), np.float32),
        "audio_lengths": lengths.tolist(),
        "vision_lengths": lengths.tolist(),
        "annotations": ["Neutral"] * samples,
        "regression_labels": random.uniform(-3, 3, samples).astype(np.float32),
    }


def write(path, size, dtype):
    random = np.random.default_rng(0)
    samples = int(size) / (TIME * sum(WIDTHS.values()) * np.dtype(dtype).itemsize)
    shares = {"train": 0.7, "valid": 0.1, "test": 0.2}
    data = {name: split(name, round(samples * share), dtype, random) for name, share in shares.items()}
    with open(path, "wb") as file:
        pickle.dump(data, file, protocol=4)


def load(path):
    start = time.perf_counter()
    with open(path, "rb") as file:
        data = pickle.load(file)
    print((time.perf_counter() - start) * 1000)
    assert len(data) == 3


if __name__ == "__main__":
    {"write": write, "load": load}[sys.argv[1]](*sys.argv[2:])
