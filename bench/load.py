"""A pickle of MOSEI's shapes, and how long Python takes to load it.

python3 load.py write FILE BYTES DTYPE: writes features of that many bytes and type in MMSA's layout.
python3 load.py load FILE: prints the milliseconds that pickle.load took.
python3 load.py arrays FOLDER BYTES: writes one array of that many bytes in every format that `read` knows.
python3 load.py read FILE: prints the milliseconds that NumPy took to read the array of such a file.
"""

import json
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


ARRAY = "features"


def arrays(folder, size):
    samples = int(size) // (TIME * WIDTHS["text"] * 4)
    data = np.random.default_rng(0).standard_normal((samples, TIME, WIDTHS["text"]), dtype=np.float32)
    # Half of it is padding, as of real features, or there would be nothing to compress.
    data[:, TIME // 2 :] = 0
    np.save(f"{folder}/array.npy", data)
    np.savez(f"{folder}/stored.npz", **{ARRAY: data})
    np.savez_compressed(f"{folder}/compressed.npz", **{ARRAY: data})
    with open(f"{folder}/array.pkl", "wb") as file:
        pickle.dump({ARRAY: data}, file, protocol=4)
    tensor = {"dtype": "F32", "shape": data.shape, "data_offsets": [0, data.nbytes]}
    header = json.dumps({ARRAY: tensor}).encode()
    with open(f"{folder}/array.safetensors", "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        data.tofile(file)


def read_array(path):
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith(".npz"):
        return np.load(path)[ARRAY]
    with open(path, "rb") as file:
        if path.endswith(".pkl"):
            return pickle.load(file)[ARRAY]
        tensor = json.loads(file.read(int.from_bytes(file.read(8), "little")))[ARRAY]
        return np.fromfile(file, np.float32).reshape(tensor["shape"])


def read(path):
    start = time.perf_counter()
    data = read_array(path)
    print((time.perf_counter() - start) * 1000)
    assert data.ndim == 3


if __name__ == "__main__":
    {"write": write, "load": load, "arrays": arrays, "read": read}[sys.argv[1]](*sys.argv[2:])
