/** What somebody does first in a project that has the package; an Error says what went wrong. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tiny } from '../cli/settings.ts';
import { call, manifest, tsc } from './packed.ts';

/** `npx decalign` says its version and trains. */
export function runs(project: string): string {
  const told = call('npx', ['decalign', '--version'], project);
  if (told !== `${manifest.version}\n`) throw new Error(`npx decalign --version says ${told.trim()}.`);
  const args = ['decalign', 'train', 'synthetic', ...tiny, '--epochs', '1', '--json', '--out', 'run'];
  const result = JSON.parse(call('npx', args, project)) as { readonly run?: string; readonly best_epoch?: number };
  if (result.run !== 'run' || result.best_epoch !== 1 || !existsSync(path.join(project, 'run/result.json')))
    throw new Error(`decalign train left no finished run: ${JSON.stringify(result)}.`);
  return `decalign ${manifest.version} trained an epoch`;
}

/** The examples of the package: their data trains their model, and what is exported of that predicts. */
export function examples(project: string): string {
  const within = (name: string): string => path.join('node_modules', manifest.name, 'examples', name);
  const model = ['--model', within('own-model/gated-fusion.js')];
  const told = call(
    'npx',
    ['decalign', 'train', within('own-data'), ...model, '--epochs', '1', '--out', 'visits'],
    project,
  );
  if (!/^gated-fusion /m.test(told)) throw new Error(`The example's model was not trained: ${told.trim()}.`);
  call('npx', ['decalign', 'export', 'visits', ...model, '--out', 'deploy'], project);
  const visit = { id: 'a', speech: [[0.1, -0.2]], record: [40, 2] };
  writeFileSync(path.join(project, 'visits.jsonl'), `${JSON.stringify(visit)}\n`);
  const predicted = call(process.execPath, [within('deploy-node/predict.mjs'), 'deploy', 'visits.jsonl'], project);
  const { id, prediction } = JSON.parse(predicted) as { readonly id: string; readonly prediction: string };
  if (id !== 'a' || !['no', 'yes'].includes(prediction)) throw new Error(`The example predicts ${predicted.trim()}.`);
  return 'train, export, predict';
}

const code = `
  import { asPrediction, concat, defineModel, fit, input, linear, outputsOf, pool, synthetic, taskLoss, z } from 'decalign';
  import type { Fitted, ModelOutput, Scope, Sequence, Tensor } from 'decalign';
  import { openExport, readSamples, SampleError, type Prediction } from 'decalign/deploy';
  import type { openExport as openInPage, WebModel } from 'decalign/web';
  const y: Tensor = input('x', [2, 3]).mul(2).sum([1]).softmax();
  const shape: readonly number[] = y.shape;
  const config = { model: { width: 8, heads: 2, layers: 1 }, train: { epochs: 1, threads: 1 } };
  const data = synthetic({ samples: { train: 20, valid: 10, test: 10 } });
  const { result }: Fitted = await fit(data, { config, out: 'fitted' });
  const state = (scope: Scope, sequence: Sequence, width: number): Tensor => linear(scope, pool(sequence), width).tanh();
  const model = defineModel({
    name: 'late',
    config: z.strictObject({ width: z.int().positive().default(8) }),
    build(scope, { features, labels, task }, { width }): ModelOutput {
      const states = Object.entries(features).map(([name, sequence]) => state(scope.at(name), sequence, width));
      const prediction = asPrediction(linear(scope.at('head'), concat(states, 1), outputsOf(task)), task);
      if (!labels) return { prediction, losses: {}, diagnostics: {}, representations: {} };
      const losses = { task: taskLoss(prediction, labels, task, 'l1') };
      return { prediction, losses, diagnostics: {}, representations: {} };
    },
  });
  const own: Fitted = await fit(data, { model, config: { model: { width: 4 }, train: config.train }, out: 'own' });
  console.log(JSON.stringify({ shape, mae: result.test?.['mae'], own: own.model.network.name }));
  export async function predicted(folder: string | URL): Promise<readonly Prediction[]> {
    const model = await openExport(folder, { threads: 1 });
    const found: Prediction[] = [];
    for await (const each of model.predictEach(readSamples(['a.csv'], model.description))) found.push(each);
    const alone = await model.predict([{ id: 'a', speech: [Float32Array.of(0.1, -0.2)] }], { long: 'refuse' });
    return [...found, ...alone];
  }
  export const inPage: typeof openInPage extends (url: string) => Promise<WebModel> ? true : false = true;
  export const isOfSample = (error: unknown): boolean => error instanceof SampleError && error.where.length > 0;
  // @ts-expect-error -- a model of one's own has no such key
  void (() => fit(data, { model, config: { model: { widht: 4 } }, out: 'x' }));
  // @ts-expect-error -- nor is there such a model
  void (() => fit(data, { model: 'lat', out: 'x' }));
  // @ts-expect-error -- such a key is not known
  void (() => fit(synthetic(), { config: { train: { epoch: 1 } }, out: 'x' }));
  // @ts-expect-error -- nor such a method
  void (() => y.soft());
`;

/** The library compiles strictly, declarations of the package included, as Node and as bundlers resolve it; and it runs. */
export function types(project: string): string {
  writeFileSync(path.join(project, 'main.ts'), code);
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const options = [...strict, '--target', 'es2022', 'main.ts'];
  const bundled = ['--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit'];
  for (const resolution of [bundled, ['--module', 'nodenext']])
    call(process.execPath, [tsc, ...resolution, ...options], project);
  const ran = JSON.parse(call(process.execPath, ['main.js'], project)) as { shape: number[]; mae: number; own: string };
  const { shape, mae, own } = ran;
  if (String(shape) !== '2' || !(mae > 0)) throw new Error(`The library ran to shape [${shape}] and MAE ${mae}.`);
  if (own !== 'late') throw new Error(`A model called "late" was trained as "${own}".`);
  return 'as Node and bundlers resolve them';
}
