/** A model of one's own by the path of its file, in real processes, from a folder that has no package beside it. */
import { appendFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { at, fill, jsonIn, metricsOf, own, printed, quick, refusal } from './own-model-folder.ts';

beforeAll(async () => {
  fill();
  await printed('train', 'small.pkl', ...own, ...quick, '--out', 'run', '--json');
});

describe('a run', () => {
  test('is of the model, with its settings and the hashes of its files', () => {
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const { config, code, overrides } = jsonIn('run', 'config.json');
    expect(config).toMatchObject({ recipe: 'usual', model: { name: 'gated-fusion', width: 32, balance: 0.1 } });
    expect(config).toMatchObject({ train: { epochs: 2, learningRate: 2e-3 } });
    expect(code).toEqual({ file: 'gated-fusion.js', sha256: hash, imports: { 'gated-sum.js': hash } });
    expect(overrides).toMatchObject({ model: 'gated-fusion' });
    const [line] = readFileSync(at('run', 'metrics.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(line!)).toMatchObject({ losses: { task: {}, balance: {} }, diagnostics: { 'use.text': {} } });
  });

  test('is evaluated, predicted with, exported and done again with the model given again', async () => {
    const evaluated = await printed('evaluate', 'run', 'small.pkl', ...own, '--json');
    expect(JSON.parse(evaluated)).toMatchObject({ metrics: metricsOf('run') as object });
    const lines = await printed(
      ...['predict', 'run', 'small.pkl', ...own, '--split', 'test', '--features', 'states.safetensors'],
    );
    expect(lines.trim().split('\n')).toHaveLength(9);
    expect(JSON.parse(await printed('export', 'run', ...own, '--json'))).toMatchObject({ model: 'gated-fusion' });
    expect(await printed('reproduce', 'run', ...own, '--quiet')).toMatch(/identical to the last bit \(2 epochs/);
  });

  test('is gone on with to the same result', async () => {
    cpSync(at('run'), at('going'), { recursive: true });
    rmSync(at('going', 'result.json'));
    await printed('train', 'small.pkl', ...own, ...quick, '--out', 'going', '--resume');
    expect(metricsOf('going')).toEqual(metricsOf('run'));
  });
});

describe('nothing but the command line makes a file be run', () => {
  test('a run of it needs the model again, and no other', async () => {
    const needs = /no model "gated-fusion"; if it is your own, give its file with --model FILE/;
    for (const command of [
      ['evaluate', 'run', 'small.pkl'],
      ['export', 'run'],
      ['reproduce', 'run'],
    ])
      expect(await refusal(1, ...command)).toMatch(needs);
    writeFileSync(
      at('other.js'),
      readFileSync(at('mine/gated-fusion.js'), 'utf8')
        .replace("'gated-fusion'", "'other'")
        .replace('./gated', './mine/gated'),
    );
    expect(await refusal(1, 'evaluate', 'run', 'small.pkl', '--model', './other.js')).toContain(
      'The model is "gated-fusion", not "other", which was given.',
    );
  });

  test('a path in a configuration, a record or a model is no model', async () => {
    writeFileSync(
      at('trap.js'),
      "import { writeFileSync } from 'node:fs'; writeFileSync('sprung', ''); export default {};",
    );
    writeFileSync(at('trap.yaml'), 'model: { name: ./trap.js }');
    expect(await refusal(1, 'train', 'small.pkl', '--config', 'trap.yaml')).toContain('unknown model "./trap.js"');
    expect(await refusal(2, 'train', 'small.pkl', '--set', 'model.name=./trap.js')).toContain(
      'unknown model "./trap.js"',
    );
    cpSync(at('run'), at('trapped'), { recursive: true });
    // As long as the name in its place: offsets in a safetensors file count.
    const trap = '././/trap.js';
    for (const file of ['config.json', 'best.safetensors']) {
      const text = readFileSync(at('trapped', file), 'latin1');
      expect([text.includes('gated-fusion'), trap.length]).toEqual([true, 'gated-fusion'.length]);
      writeFileSync(at('trapped', file), text.replaceAll('gated-fusion', trap), 'latin1');
    }
    expect(await refusal(1, 'evaluate', 'trapped', 'small.pkl')).toContain('This version has no model');
    expect(await refusal(1, 'reproduce', 'trapped')).toContain('This version has no model');
    expect(existsSync(at('sprung'))).toBe(false);
  });
});

describe('code that has changed', () => {
  beforeAll(() => {
    cpSync(at('mine'), at('changed'), { recursive: true });
    renameSync(at('changed/gated-fusion.js'), at('changed/renamed.js'));
  });
  const changed = ['--model', './changed/renamed.js'];

  test('has not, where the file has another name or place', async () => {
    const { metrics } = JSON.parse(await printed('evaluate', 'run', 'small.pkl', ...changed, '--json')) as {
      metrics: unknown;
    };
    expect(metrics).toEqual(metricsOf('run'));
  });

  test('is told by its file, and used only where that is said', async () => {
    appendFileSync(at('changed/gated-sum.js'), '\n// Rewritten, and still the same.\n');
    const said = /other code: "gated-sum\.js", which "renamed\.js" imports, has changed since; --changed-model /;
    expect(await refusal(1, 'evaluate', 'run', 'small.pkl', ...changed)).toMatch(said);
    expect(await refusal(1, 'export', 'run', ...changed)).toMatch(said);
    expect(await refusal(1, 'reproduce', 'run', ...changed)).toMatch(said);
    const used = await printed('evaluate', 'run', 'small.pkl', ...changed, '--changed-model', '--json');
    expect(JSON.parse(used)).toMatchObject({ metrics: metricsOf('run') as object });
    const again = await printed('reproduce', 'run', ...changed, '--changed-model', '--quiet');
    expect(again).toMatch(/identical to the last bit/);
    expect(await refusal(2, 'evaluate', 'run', 'small.pkl', '--changed-model')).toContain('goes with --model FILE');
  });

  test('is no code to go on with', async () => {
    cpSync(at('run'), at('stopped'), { recursive: true });
    rmSync(at('stopped', 'result.json'));
    const resumed = await refusal(1, 'train', 'small.pkl', ...changed, ...quick, '--out', 'stopped', '--resume');
    expect(resumed).toMatch(
      /cannot resume with other code: "gated-sum\.js", .* has changed since\. Put it back as it was, or/,
    );
  });

  test('weights that the code does not declare are refused in any case', async () => {
    const file = at('changed/gated-sum.js');
    writeFileSync(file, readFileSync(file, 'utf8').replace('direction.', 'way.'));
    const said = await refusal(1, 'evaluate', 'run', 'small.pkl', ...changed, '--changed-model');
    expect(said).toMatch(/best\.safetensors: has no parameter "gate\.way\.0", whose shape is \[1,32\]/);
  });
});

test('a call that mixes files and names up is told what to give', async () => {
  expect(await refusal(2, 'evaluate', 'net.pth', 'small.pkl', ...own)).toContain('takes the NAME of a model of MMSA');
  expect(await refusal(2, 'evaluate', 'run', 'small.pkl', '--model', 'mult')).toContain('a run knows its own model');
  expect(await refusal(2, 'export', 'run', '--model', 'mult')).toContain(
    '--model mult: a run knows its own model by name',
  );
});
