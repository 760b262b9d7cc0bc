import { checkDevice, compile, devices } from '../src/runtime/node.ts';
import { softwareGpu } from '../test/software-gpu.ts';
import type { BenchCase, BenchLine, BenchOptions } from './case.ts';
import { configuration, type Request } from './configurations.ts';
import { median, rounded } from './statistics.ts';
import { stepping } from './stepping.ts';

/** Steps before the first that counts, beside the very first, which compiles what runs on the device. */
const warmUp = 2;
/** In software a step takes seconds. */
const mostInSoftware = 5;

const small: Request = { name: 'small', recipe: 'decoupled', sizes: {} };
const mosi: Request = { name: 'step-mosi', recipe: 'decoupled' };

const problemOf = (device: string): Promise<string | undefined> =>
  checkDevice(device).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );

/** Steps on a device and on the CPU by turns, so that both see the same machine. */
async function compared(request: Request, device: string, { threads, repetitions }: BenchOptions): Promise<BenchLine> {
  const [cpu, other] = [
    await stepping(configuration(request), { compile, threads }),
    await stepping(configuration(request), { compile, threads, device }),
  ];
  await cpu.step();
  const { step: first } = await other.step();
  const times: { readonly cpu: number; readonly other: number }[] = [];
  for (let i = 0; i < warmUp + repetitions; i++)
    times.push({ cpu: (await cpu.step()).step, other: (await other.step()).step });
  await cpu.stop();
  await other.stop();
  const counted = times.slice(warmUp);
  return {
    ...{ case: 'device', model: request.name, recipe: request.recipe, device, threads },
    nodes: other.nodes,
    cpu_ms: rounded(median(counted.map((time) => time.cpu)), 2),
    device_ms: rounded(median(counted.map((time) => time.other)), 2),
    first_ms: Math.round(first),
    ratio: rounded(median(counted.map((time) => time.other / time.cpu)), 3),
  };
}

export const deviceCase: BenchCase = {
  name: 'device',
  about: 'a step on each device that works here over one on the CPU, in turn; without a GPU WebGPU in software',
  // In software it takes minutes.
  byName: true,
  async *run(options) {
    for (const device of devices().filter((name) => name !== 'cpu')) {
      if (device === 'webgpu' && (await problemOf(device)) !== undefined) await softwareGpu();
      const missing = await problemOf(device);
      if (missing !== undefined) {
        yield { case: 'device', device, missing };
        continue;
      }
      const inSoftware = device === 'webgpu' && process.env['VK_ICD_FILENAMES']?.includes('swiftshader');
      const repetitions = inSoftware ? Math.min(options.repetitions, mostInSoftware) : options.repetitions;
      for (const request of inSoftware ? [small] : [small, mosi])
        yield {
          ...(await compared(request, device, { ...options, repetitions })),
          ...(inSoftware && { adapter: 'SwiftShader, in software' }),
        };
    }
  },
};
