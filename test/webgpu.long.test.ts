/** Training and prediction by WebGPU in Node: the numbers of the CPU. Skipped, with the reason, where there is no adapter. */
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { random } from '../src/data/random.ts';
import { compile } from '../src/runtime/node.ts';
import { firstStep } from './browser/steps.ts';
import { decalign, temporaryFolder, tiny } from './cli/decalign.ts';
import { save, tables } from './cli/feature-file.ts';
import { relativeDifference } from './relative.ts';
import { softwareGpu } from './software-gpu.ts';

type Metrics = Readonly<Record<string, number>>;

let problem: string | undefined;
beforeAll(async () => {
  problem = await softwareGpu();
});
beforeEach(({ skip }) => skip(problem !== undefined, problem));

describe('one training step and a prediction', () => {
  const steps = (recipe: 'paper' | 'decoupled') =>
    Promise.all(['cpu', 'webgpu'].map((device) => firstStep(compile, recipe, { device })));

  test('under "paper" are those of the CPU to 1e-5', async () => {
    const [cpu, webgpu] = await steps('paper');
    for (const [name, loss] of Object.entries(cpu!.losses))
      expect(relativeDifference([webgpu!.losses[name]!], [loss]), name).toBeLessThan(1e-5);
    expect(relativeDifference(webgpu!.gradient, cpu!.gradient)).toBeLessThan(1e-5);
    expect(relativeDifference(webgpu!.prediction, cpu!.prediction)).toBeLessThan(1e-5);
    // Another device adds up in another order: the same bits would be those of the CPU.
    expect(webgpu!.gradient).not.toEqual(cpu!.gradient);
  });

  // The log-determinants of nearly singular matrices magnify rounding, on the CPU too (docs/devices.md).
  test('under "decoupled" the gradient is as close as it stays on the CPU when weights move in their last digit', async () => {
    const [cpu, webgpu] = await steps('decoupled');
    const noise = random(1, 'features', 'last digit');
    const moved = await firstStep(compile, 'decoupled', { moved: () => 1 + 2 ** -24 * noise.normal() });
    expect(relativeDifference([webgpu!.losses['total']!], [cpu!.losses['total']!])).toBeLessThan(1e-5);
    const least = relativeDifference(moved.gradient, cpu!.gradient);
    expect(least).toBeGreaterThan(1e-6);
    expect(relativeDifference(webgpu!.gradient, cpu!.gradient)).toBeLessThan(3 * least);
    expect(relativeDifference(webgpu!.prediction, cpu!.prediction)).toBeLessThan(1e-5);
  });
});

test("a training by the command line comes to the CPU's metrics, and so does its model on the CPU", async () => {
  const folder = temporaryFolder();
  const data = save(path.join(folder, 'small.pkl'), tables());
  const call = ['train', data, ...tiny, '--set', 'train.batchSize=12'];
  const trained = async (device: string): Promise<Metrics> => {
    const out = ['--epochs', '1', '--no-references', '--json', '--quiet', '--out', device];
    const run = await decalign([...call, ...out, '--device', device], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0, stderr: '' });
    return (JSON.parse(run.stdout) as { readonly test: Metrics }).test;
  };
  const [cpu, webgpu] = [await trained('cpu'), await trained('webgpu')];
  expect(relativeDifference([webgpu['mae']!], [cpu['mae']!])).toBeLessThan(1e-5);
  const { stdout } = await decalign(['evaluate', 'webgpu', data, '--json'], { cwd: folder });
  const { metrics } = JSON.parse(stdout) as { readonly metrics: Metrics };
  expect(relativeDifference([metrics['mae']!], [webgpu['mae']!])).toBeLessThan(1e-5);
});
