/** Small MMSA-layout pickles, sound or with any fault, written without Python. */
import { writeFileSync } from 'node:fs';

export type Value = string | number | readonly Value[] | { readonly [key: string]: Value } | Global;

/** A name that a pickle asks its reader to import, and to call with these arguments. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
    readonly args: readonly Value[],
  ) {}
}

/** Protocol 2: dicts, lists, floats, text and calls. */
export function pickle(value: Value): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 2])];
  const put = (...bytes: (Buffer | string)[]): unknown => parts.push(...bytes.map((b) => Buffer.from(b as string)));
  const write = (item: Value): void => {
    if (typeof item === 'number') {
      const float = Buffer.alloc(9, 'G');
      float.writeDoubleBE(item, 1);
      put(float);
    } else if (typeof item === 'string') {
      const text = Buffer.from(item);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      put('X', length, text);
    } else if (item instanceof Global) {
      put(`c${item.module}\n${item.name}\n(`);
      item.args.forEach(write);
      put('tR');
    } else if (Array.isArray(item)) {
      put('](');
      (item as readonly Value[]).forEach(write);
      put('e');
    } else {
      put('}(');
      for (const [key, inner] of Object.entries(item)) [key, inner].forEach(write);
      put('u');
    }
  };
  write(value);
  put('.');
  return Buffer.concat(parts);
}

type Column = Value[];
/** A split by its columns. */
export type Table = Record<string, Column>;
export type Tables = Record<string, Table>;

/** Time steps and width of each modality. */
export const shapes = { text: [4, 5], audio: [6, 3], vision: [1, 4] } as const;

/** One split: features that wave, and labels in -3..3 that follow from them; 0, 1, 2 for classes. */
export function table(count: number, phase: number): Table {
  const wave = (n: number, m: number, t: number, d: number): number =>
    Math.sin(phase + n * 1.7 + m * 0.9 + t * 0.3 + d * 1.1) + 2;
  const features = Object.entries(shapes).map(([name, [time, width]], m): [string, Column] => [
    name,
    Array.from({ length: count }, (_, n) =>
      Array.from({ length: time }, (_, t) =>
        // Every third sample of a sequence ends a step early.
        Array.from({ length: width }, (_, d) => (time > 1 && n % 3 === 0 && t === time - 1 ? 0 : wave(n, m, t, d))),
      ),
    ),
  ]);
  const labels = Array.from({ length: count }, (_, n) => 3 * Math.sin(phase + n * 1.7 + 0.5));
  return {
    ...Object.fromEntries(features),
    id: labels.map((_, n) => `clip${phase}$_$${n}`),
    regression_labels: labels,
    classification_labels: labels.map((label) => (label < -1 ? 0 : label > 1 ? 2 : 1)),
  };
}

export const tables = (): Tables => ({ train: table(24, 1), valid: table(10, 2), test: table(9, 3) });

/** Writes a pickle and returns its path. */
export function save(file: string, value: Value): string {
  writeFileSync(file, pickle(value));
  return file;
}
