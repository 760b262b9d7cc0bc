import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Tensor } from '../../tensor/index.ts';
import { exportOnnx } from './export-onnx.ts';
import type { OpenModel } from '../open-model.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * A model of a single feature; `read` makes the predictions `[N]` from the feature `[N]` of the whole batch of N
 * samples.
 */
const reading = (read: (x: Tensor, batch: number) => Tensor): OpenModel => ({
  network: {
    name: 'own',
    build(_, { features }) {
      const { value } = features['x']!;
      const batch = value.shape[0]!;
      const prediction = read(value.reshape([batch]), batch);
      return { prediction, losses: {}, diagnostics: {}, representations: {} };
    },
  },
  data: {
    name: 'numbers',
    task: { kind: 'regression', range: [-3, 3] },
    metrics: 'regression',
    features: [{ name: 'x', time: 1, width: 1, masked: false }],
  },
  standardisation: {},
  parameters: {},
});

test('a mean over the batch is exported', async () => {
  const { largest_difference } = await exportOnnx(
    reading((x) => x.sub(x.mean())),
    path.join(folder, 'mean'),
  );
  expect(largest_difference).toBeLessThan(1e-6);
});

test.each([{}, { batch: 4 }])(
  'the size of the batch as a number is refused, and nothing is written: %j',
  async (options) => {
    const model = reading((x, batch) => x.sub(x.sum().div(batch)));
    const out = path.join(folder, 'number');
    await expect(exportOnnx(model, out, options)).rejects.toThrow(
      /^The prediction of "own" depends on N, the number of samples: Div \[\] near the input "[^"]*x" takes the constant 97 /,
    );
    expect(existsSync(out)).toBe(false);
  },
);
