import type { BenchCase } from './case.ts';
import { resolveConfig } from '../src/config/index.ts';
import { linear, type BertConfig } from '../src/nn/index.ts';
import { asPrediction, taskLoss } from '../src/models/task.ts';
import { withEncoder } from '../src/runs/text/text-network.ts';
import { compile } from '../src/runtime/node.ts';
import { ceiling } from './ceiling.ts';
import type { Configuration } from './configurations.ts';
import { bertFlop } from './flop.ts';
import { median, percentile, rounded } from './statistics.ts';
import { stepping, type StepTime } from './stepping.ts';

/** The sizes of bert-base-uncased. */
export const bertBase: BertConfig = {
  kind: 'bert',
  vocabulary: 30522,
  width: 768,
  layers: 12,
  heads: 12,
  inner: 3072,
  activation: 'gelu',
  positions: 512,
  segments: 2,
  padding: 0,
  epsilon: 1e-12,
  dropout: { hidden: 0.1, attention: 0.1 },
  deviation: 0.02,
};

/** An encoder that is fine-tuned whole, with a linear head on its first token: batch 32, 50 tokens. */
export function fineTuning(encoder: BertConfig): Omit<Configuration, 'model'> {
  const values = {
    train: { batchSize: 32, learningRate: 2e-3, average: 0 },
    text: { bert: { freeze: 0, learningRate: 0.01 } },
  };
  const { text, train } = resolveConfig({ values });
  const head = {
    name: 'head',
    build: (scope, { features, labels, task }) => {
      const { value } = features['text']!;
      const [batch, , width] = value.shape as [number, number, number];
      const first = value.slice(1, 0, 1).reshape([batch, width]);
      const prediction = asPrediction(linear(scope.at('head'), first, 1), task);
      const losses = labels && { task: taskLoss(prediction, labels, task, 'l1') };
      return { prediction, losses: losses ?? {}, diagnostics: {}, representations: {} };
    },
  } satisfies Configuration['network'];
  return {
    network: withEncoder(head, encoder, text.bert),
    spec: {
      features: [{ name: 'text', time: 50, width: 2, masked: true, tokens: true }],
      task: { kind: 'regression' },
    },
    train,
  };
}

/** Steps before the first that counts, and the most that count: one takes seconds. */
const [warmUp, most] = [1, 5];

export const bertCase: BenchCase = {
  name: 'bert',
  about: 'a training step of a fine-tuned encoder at the size of bert-base, batch 32, 50 tokens',
  async *run({ threads, repetitions }) {
    const asked = fineTuning(bertBase);
    const before = await ceiling(threads);
    const training = await stepping(asked, { compile, threads });
    const times: StepTime[] = [];
    for (let i = 0; i < warmUp; i++) await training.step();
    for (let i = 0; i < Math.min(repetitions, most); i++) times.push(await training.step());
    await training.stop();
    const peak = process.resourceUsage().maxRSS / 1024;
    const limit = (before + (await ceiling(threads))) / 2;
    const steps = times.map(({ step }) => step);
    const step = median(steps);
    const flop = bertFlop(bertBase, { batch: asked.train.batchSize, time: 50 });
    yield {
      case: 'bert',
      threads,
      parameters: training.parameters,
      nodes: training.nodes,
      compile_ms: Math.round(training.readyMs),
      step_ms: rounded(step),
      step_ms_p10: rounded(percentile(steps, 0.1)),
      step_ms_p90: rounded(percentile(steps, 0.9)),
      host_share: rounded(median(times.map((time) => 1 - time.run / time.step)), 3),
      flop_g: rounded(flop / 1e9),
      gflops: rounded(flop / step / 1e6),
      ceiling_gflops: rounded(limit),
      limit_ratio: rounded((step * limit * 1e6) / flop, 2),
      peak_rss_mb: Math.round(peak),
    };
  },
};
