"""Writes a small feature file in MMSA layout: python3 make-features.py mine.pkl

Files of this layout usually hold NumPy arrays; plain lists do as well, and need no NumPy.
"""
import pickle, random, sys

random.seed(1)

def split(name, n):
    columns = {'id': [], 'text': [], 'text_lengths': [], 'audio': [], 'regression_labels': []}
    for i in range(n):
        mood, steps = random.uniform(-3, 3), random.randint(4, 10)
        words = [[mood / 3 + random.gauss(0, 1) for _ in range(8)] for _ in range(steps)]
        columns['id'].append(f'{name}_{i}')
        columns['text'].append(words + [[0.0] * 8] * (10 - steps))  # [10 steps, 8 wide], zeros after the end
        columns['text_lengths'].append(steps)
        columns['audio'].append([20 + 5 * mood + random.gauss(0, 10) for _ in range(6)])  # one vector for the clip
        columns['regression_labels'].append(mood)
    return columns

with open(sys.argv[1], 'wb') as file:
    pickle.dump({name: split(name, n) for name, n in (('train', 200), ('valid', 50), ('test', 50))}, file)
