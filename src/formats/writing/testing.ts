/** For the tests of what is written: values of any kind, and their way through a file. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll } from 'vitest';
import { countOf, type DType, NdArray } from '../bytes/array.ts';
import { inMemory } from '../bytes/in-memory.ts';
import { bytesPerElement, decodeNumbers, type NumericDType } from '../bytes/numbers.ts';
import type { OpenedFile } from '../bytes/opened.ts';
import { type DelimitedSandbox, openInSandbox as openTable, startDelimited } from '../delimited/read.ts';
import { type Hdf5Sandbox, openInSandbox as openHdf5, startHdf5 } from '../hdf5/read.ts';
import { openFile } from '../open.ts';
import { openInSandbox as openParquet, type ParquetSandbox, startParquet } from '../parquet/read.ts';
import { type WriteOptions, writeFile } from '../write.ts';
import type { WriteResult } from './request.ts';

interface Again {
  readonly value: unknown;
  readonly written: WriteResult;
  readonly bytes: Buffer;
}

export interface RoundTrips {
  /** For the files of a test file; gone when its tests are done. */
  readonly folder: string;
  /** Writes a value and reads it. */
  readonly again: (value: unknown, ending: string, options?: WriteOptions) => Promise<Again>;
}

/** Ways through files, for the tests of one file, which calls this once: test files may share this module. */
export function roundTrips(): RoundTrips {
  const folder = mkdtempSync(join(tmpdir(), 'write-'));
  // Starting a reader takes longer than all else, so one reads file after file.
  let tables: DelimitedSandbox | undefined;
  let parquet: ParquetSandbox | undefined;
  let hdf5: Hdf5Sandbox | undefined;
  afterAll(async () => {
    await Promise.all([tables?.close(), parquet?.close(), hdf5?.close()]);
    rmSync(folder, { recursive: true });
  });

  async function open(file: string): Promise<Pick<OpenedFile, 'value' | 'close'>> {
    const keep = { close: () => Promise.resolve() };
    const long = { seconds: 120 };
    if (/\.(csv|tsv|jsonl|ndjson)$/.test(file))
      return { ...(await openTable((tables ??= startDelimited('table', long)), file)), ...keep };
    if (file.endsWith('.parquet'))
      return { ...(await openParquet((parquet ??= startParquet('table', long)), file)), ...keep };
    if (/\.(h5|hdf5)$/.test(file)) return { ...(await openHdf5((hdf5 ??= startHdf5('file', long)), file)), ...keep };
    return openFile(file);
  }

  async function again(value: unknown, ending: string, options: WriteOptions = {}): Promise<Again> {
    const file = join(folder, `x${ending}`);
    const written = await writeFile(file, value, options);
    const opened = await open(file);
    try {
      return { value: inMemory(opened.value, file), written, bytes: readFileSync(file) };
    } finally {
      await opened.close();
    }
  }
  return { folder, again };
}

const types: readonly NumericDType[] = [
  ...(['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const),
  ...(['float16', 'bfloat16', 'float32', 'float64', 'complex64', 'complex128'] as const),
];

/** An array of any numbers that the bits of `dtype` can be. */
export function arrays(dtypes: readonly NumericDType[], axes: fc.Arbitrary<number[]>): fc.Arbitrary<NdArray> {
  return fc.tuple(fc.constantFrom(...dtypes), axes).chain(([dtype, shape]) => {
    const length = bytesPerElement(dtype) * countOf(shape);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
      const bits = dtype === 'bool' ? bytes.map((byte) => byte & 1) : bytes;
      const part = dtype === 'complex64' ? 'float32' : dtype === 'complex128' ? 'float64' : dtype;
      return new NdArray(shape, dtype, decodeNumbers(part, bits));
    });
  });
}

export const anyShape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
export const texts = fc.array(
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
  { minLength: 1, maxLength: 5 },
);
export const textArray = texts.map((data) => new NdArray([data.length], 'string', data));
/** Names of arrays: `k:` alone would be a drive of Windows, which no archive may name. */
export const key = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
  .map((text) => `key${text.replaceAll(/[/\\\0]/g, '')}`);

const flat = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<Map<string, unknown>> =>
  fc.array(fc.tuple(key, leaf), { maxLength: 5 }).map((entries) => new Map(entries));

export const nested = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<Map<string, unknown>> =>
  fc
    .array(
      fc.tuple(
        key,
        fc.oneof(
          leaf,
          flat(leaf).filter((map) => map.size > 0),
        ),
      ),
      { maxLength: 5 },
    )
    .map((entries) => new Map(entries));

/** With names such as `a/b` for what is nested. */
export function flattened(map: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map(
    [...map].flatMap(([name, value]): [string, unknown][] =>
      value instanceof Map
        ? [...(value as Map<string, unknown>)].map(([inner, item]): [string, unknown] => [`${name}/${inner}`, item])
        : [[name, value]],
    ),
  );
}

export const without = (...dtypes: DType[]): NumericDType[] => types.filter((dtype) => !dtypes.includes(dtype));
export const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
