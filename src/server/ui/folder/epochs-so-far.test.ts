import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EpochsSoFar } from './epochs-so-far.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'decalign-epochs-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test.each([1, 47, 48, 1024, 1025, 1026, 5001])(
  'the smallest curve of %i epochs is even, from the first to the last',
  (count) => {
    const file = path.join(folder, 'metrics.jsonl');
    const line = (epoch: number): string => `${JSON.stringify({ epoch, losses: {}, valid: { mae: epoch } })}\n`;
    const epochs = new EpochsSoFar(file, () => 'mae');
    for (let n = 1; n <= count; n++) appendFileSync(file, line(n));
    while (epochs.read());
    const spark = epochs.spark() as readonly number[];
    expect(spark).toHaveLength(Math.min(count, 48));
    expect([spark[0], spark.at(-1)]).toEqual([1, Number(count.toPrecision(4))]);
    const step = (count - 1) / 47;
    // What is kept lies at most a part of a step away from where it would be shown.
    if (count > 48)
      for (const [n, value] of spark.entries()) expect(Math.abs(value - 1 - n * step)).toBeLessThan(step / 2);
  },
);
