import { describe, expect, test } from 'vitest';
import { resolveConfig, type ConfigValues } from '../../config/index.ts';
import { adviceText } from './advice.ts';

const trained = (values: ConfigValues = {}, selection = { metric: 'mae', better: 'lower' } as const) => ({
  config: resolveConfig({ values }),
  data: { metrics: 'mosi' } as const,
  network: { name: 'decalign' },
  selection,
  splits: { train: { ids: ['a', 'b'] } },
});
const run = (mae: number, best_epoch = 15) => ({ valid: { mae }, best_epoch, epochs: 30 });
const ridge = (mae: number) => [
  { name: 'constant (median)', describe: '', valid: { mae: 0 } },
  { name: 'ridge', describe: '', valid: { mae } },
];

describe('advice', () => {
  test('is none where the model is better than ridge, or there is no ridge', () => {
    expect(adviceText(trained(), [run(0.9)], ridge(1))).toBe('');
    expect(adviceText(trained(), [run(0.9)], [])).toBe('');
  });

  test('is given where it is as good, by the mean of several runs', () => {
    expect(adviceText(trained(), [run(1)], ridge(1))).toContain('(MAE 1.000, ridge 1.000)');
    expect(adviceText(trained(), [run(0.5), run(1.4)], ridge(1))).toBe('');
    expect(adviceText(trained(), [run(0.7), run(1.4)], ridge(1))).not.toBe('');
  });

  test('goes by the metric that picks epochs, whichever way is better', () => {
    const classes = { ...trained(), selection: { metric: 'waf1', better: 'higher' } as const };
    const own = { valid: { waf1: 0.6 }, best_epoch: 15, epochs: 30 };
    const beside = (waf1: number) => [{ name: 'ridge', describe: '', valid: { waf1 } }];
    expect(adviceText(classes, [own], beside(0.5))).toBe('');
    expect(adviceText(classes, [own], beside(0.7))).toContain('ridge 0.700');
  });

  test('depends on when the best epoch came', () => {
    const tries = (best: number): string => adviceText(trained(), [run(2, best)], ridge(1));
    expect(tries(30)).toContain('--resume --epochs 60');
    expect(tries(15)).toContain(
      '  - another learning rate: --set train.learningRate=0.0005, --set train.learningRate=0.004\n',
    );
    expect(tries(3)).toContain('  - smaller steps, for the best epoch came early: --set train.learningRate=0.0005\n');
    for (const best of [3, 15]) expect(tries(best)).not.toContain('--epochs');
  });

  test('does not count the epochs of pretraining', () => {
    const pretrained = { ...trained(), network: { name: 'decalign', stages: [{ name: 'pretraining', epochs: 11 }] } };
    const tries = (best_epoch: number): string =>
      adviceText(pretrained, [{ valid: { mae: 2 }, best_epoch, epochs: 41 }], ridge(1));
    expect(tries(14)).toContain('smaller steps, for the best epoch came early');
    expect(tries(30)).toContain('another learning rate');
    expect(tries(30)).not.toContain('--epochs');
    expect(tries(40)).toContain('--resume --epochs 60');
  });

  test('names no setting that the model does not take', () => {
    const advised = (values: ConfigValues): string => adviceText(trained(values), [run(2)], ridge(1));
    expect(advised({ model: { width: 16, heads: 4 } })).toContain('model.width=8');
    expect(advised({ model: { width: 12, heads: 4 } })).not.toContain('model.width');
    expect(advised({ model: { name: 'self-mm' } })).not.toContain('model.width');
    expect(advised({ model: { dropout: { output: 0.7 } } })).not.toContain('dropout');
  });
});
