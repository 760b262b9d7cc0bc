/** A model of which anybody can tell what it predicts: the sum of all numbers of a sample. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import type { Task } from '../../data/task.ts';
import type { ExportDescription } from '../../deploy/description.ts';
import { exportOnnx, type ExportOptions } from '../../runs/export/export-onnx.ts';
import type { OpenModel } from '../../runs/open-model.ts';
import { concat } from '../../tensor/index.ts';

/** A folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-serve-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Text `[N, 4, 3]` with lengths and audio `[N, 1, 2]`: the sum of a sample's numbers; of two classes, its sum and 0. */
const summing = (task: Task): OpenModel => ({
  network: {
    name: 'own',
    build(_, { features: { text, audio } }) {
      const sum = text!.value.sum([1, 2]).add(audio!.value.sum([1, 2]));
      const [batch] = sum.shape as [number];
      const column = sum.reshape([batch, 1]);
      const prediction = task.kind === 'classification' ? concat([column, column.mul(0)], 1) : sum;
      return { prediction, losses: {}, diagnostics: {}, representations: {} };
    },
  },
  data: {
    ...{ name: 'numbers', task, metrics: task.kind === 'classification' ? 'classification' : 'regression' },
    features: [
      { name: 'text', time: 4, width: 3, masked: true, optional: true },
      { name: 'audio', time: 1, width: 2, masked: false, optional: true },
    ],
  },
  standardisation: {},
  parameters: {},
});

/** Writes the export of a regression, or of the classes `plus` and `zero`. */
export const exportSum = (
  folder: string,
  { classes = false, ...options }: ExportOptions & { readonly classes?: boolean } = {},
): Promise<ExportDescription> =>
  exportOnnx(
    summing(classes ? { kind: 'classification', classes: ['plus', 'zero'] } : { kind: 'regression', range: [-3, 3] }),
    folder,
    options,
  );

/** A request to infer of samples whose numbers are given flat: 12 of text, 2 of audio each. */
export const inferBodyOf = (text: readonly number[], audio: readonly number[]): object => ({
  inputs: [
    { name: 'text', datatype: 'FP32', shape: [text.length / 12, 4, 3], data: text },
    { name: 'text_lengths', datatype: 'INT64', shape: [text.length / 12], data: Array(text.length / 12).fill(4) },
    { name: 'audio', datatype: 'FP32', shape: [audio.length / 2, 1, 2], data: audio },
  ],
});
