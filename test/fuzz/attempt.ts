import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/config/index.ts';
import { countOf, isInFile, type NdArray } from '../../src/formats/bytes/array.ts';
import { FormatError } from '../../src/files/error.ts';
import { arraysIn } from '../../src/formats/bytes/in-memory.ts';
import { mutant, type Random } from './mutate.ts';
import type { Target } from './targets.ts';

/** What a reader may make of a damaged file; anything else is thrown. */
export type Outcome = 'read' | 'refused';

/** Memory that damaged files may need beyond sound ones; bombs are refused at 256 MiB. */
const largestGrowth = 512 * 2 ** 20;
/** Of processor time, of all threads: it does not matter how busy the machine is. */
const longestSeconds = 10;

/** Makes damaged files in a folder of their own, and opens them. */
export class Attempts {
  readonly #folder = mkdtempSync(join(tmpdir(), 'decalign-fuzz-'));
  /** Most resident memory so far. */
  #peak: number | undefined;

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Opens every sound file, so that what damaged ones need is known to be more. */
  async begin(targets: readonly Target[]): Promise<void> {
    for (const target of targets) for (const seed of target.seeds) await this.#open(target, seed);
    this.#peak = peakMemory();
  }

  /** One damaged file of a format: read or refused as it should be, or an error that says what was not. */
  async damaged(target: Target, random: Random): Promise<Outcome> {
    const { seeds } = target;
    const { bytes, damage } = mutant(seeds[random(seeds.length)]!, seeds[random(seeds.length)]!, random);
    const start = process.cpuUsage();
    const outcome = await this.#open(target, bytes).catch((error: unknown) => {
      throw new Error(`${target.format}, ${damage}: ${String(error)}`, { cause: error });
    });
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    const grown = peakMemory() - (this.#peak ?? 0);
    if (seconds > longestSeconds) throw new Error(`${target.format}, ${damage}: took ${seconds.toFixed(1)} s.`);
    if (this.#peak !== undefined && grown > largestGrowth)
      throw new Error(`${target.format}, ${damage}: ${(grown / 2 ** 20).toFixed(0)} MiB of memory were needed.`);
    return outcome;
  }

  async #open({ extension, open }: Target, bytes: Uint8Array): Promise<Outcome> {
    const name = `x${extension}`;
    const file = join(this.#folder, name);
    writeFileSync(file, bytes);
    const outcome = await readAll(file, open);
    // Nothing was written, here or to the file.
    const found = readdirSync(this.#folder);
    if (found.join() !== name) throw new Error(`left ${found.join(', ')} in the folder`);
    if (Buffer.compare(readFileSync(file), bytes) !== 0) throw new Error('changed the file');
    rmSync(file);
    return outcome;
  }
}

async function readAll(file: string, open: Target['open']): Promise<Outcome> {
  try {
    const { value, close } = await open(file);
    try {
      for (const array of arraysIn(value)) await readArray(array);
    } finally {
      await close();
    }
    return 'read';
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof ConfigError)) throw error;
    if (error.message.includes('\n') || !error.message.startsWith(file))
      throw new Error(`said ${error.message}`, { cause: error });
    return 'refused';
  }
}

/** Reads an array in every way there is, which must agree on how long it is. */
async function readArray(array: NdArray): Promise<void> {
  const { elements, shape, dtype } = array;
  const expected = countOf(shape) * (dtype.startsWith('complex') ? 2 : 1);
  if (isInFile(elements)) {
    let count = 0;
    for await (const piece of elements.pieces()) count += piece.length;
    if (count !== expected) throw new Error(`an array of shape [${shape.join(',')}] has ${count} numbers in pieces`);
    if (expected > 0) await elements.read(expected - 1, 1);
    if (expected > 2 ** 22) return;
    await elements.readFloat32();
  }
  if (array.data.length !== expected)
    throw new Error(`an array of [${shape.join(',')}] has ${array.data.length} numbers`);
}

const peakMemory = (): number => 1024 * process.resourceUsage().maxRSS;
