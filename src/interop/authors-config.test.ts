import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAuthorsConfig } from './authors-config.ts';

const published = JSON.parse(
  readFileSync(new URL('../../test/fixtures/decalign/classification.config.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
const file = 'c.json';
const read = (changes: Record<string, unknown> = {}) => readAuthorsConfig({ ...published, ...changes }, file);
const without = (...keys: string[]) =>
  readAuthorsConfig(Object.fromEntries(Object.entries(published).filter(([key]) => !keys.includes(key))), file);

describe('readAuthorsConfig', () => {
  it('reads every key that changes the network, the loss or the optimiser', () => {
    const { model, task, widths, weightDecay, clip } = read();
    expect(task).toEqual({ kind: 'classification', classes: 6 });
    expect(widths).toEqual([32, 12, 18]);
    expect([weightDecay, clip]).toEqual([0.005, 0.6]);
    expect([model.width, model.heads, model.layers, model.latent.width]).toEqual([16, 2, 2, 16]);
    expect(model.kernel).toEqual({ text: 1, audio: 1, vision: 1 });
    expect(model.mixture).toMatchObject({ prototypes: 3, iterations: 5, varianceFloor: 1e-4 });
    expect(model.transport).toMatchObject({ solver: 'fixed-sweeps', lambda: 0.1, lambdaScale: 'absolute', sweeps: 50 });
    expect(model.weights).toMatchObject({ decoupling: 1, heterogeneity: 0.05, homogeneity: 0.05, contrastive: 0 });
  });

  it('fills in what their code does where a key is absent', () => {
    const { model, weightDecay, clip, batchSize, sequenceMask } = without(
      ...['dec_loss_weight', 'alpha', 'beta', 'ct_weight', 'ct_temperature', 'weight_decay', 'clip', 'batch_size'],
      ...['gmm_em_iters', 'gmm_var_floor', 'lambda_ot', 'ot_num_iters', 'pde_dim', 'mmd_bandwidth', 'task_loss'],
    );
    expect(model.weights).toMatchObject({ decoupling: 1, heterogeneity: 0.1, homogeneity: 0.1, contrastive: 0 });
    expect(model.contrastive.temperature).toBe(0.1);
    expect(model.task).toMatchObject({ loss: 'l1', beta: 1, sign: 0 });
    expect(model.mixture).toMatchObject({ iterations: 5, varianceFloor: 1e-4 });
    expect(model.transport).toMatchObject({ lambda: 0.1, sweeps: 50, cost: 'mean' });
    expect(model.mmd.bandwidth).toBe(1);
    expect(model.latent.width).toBe(16);
    expect([weightDecay, clip, batchSize, sequenceMask]).toEqual([0, undefined, 32, false]);
  });

  it('reads their spellings', () => {
    expect(read({ mmd_bandwidth: 4 }).model.mmd.bandwidth).toBe(2);
    for (const all of [['v', 'a', 'l'], ['T', 'audio', 'vision'], 'text, audio, vision', "['text', 'a', 'v']"])
      expect(read({ active_modalities: all }).widths).toHaveLength(3);
    for (const [name, loss] of [
      ['MSE', 'mse'],
      ['mae', 'l1'],
      ['huber', 'smooth-l1'],
      ['smooth_l1', 'smooth-l1'],
    ])
      expect(read({ task_loss: name }).model.task.loss).toBe(loss);
    // With β = 0, their SmoothL1Loss has no quadratic part and is L1.
    expect(read({ task_loss: 'smooth_l1', smooth_l1_beta: 0 }).model.task).toMatchObject({ loss: 'l1' });
    expect(read({ train_mode: 'regression', num_classes: 1 }).task).toEqual({ kind: 'regression' });
    expect(read({ class_weights: [1, 2, 3, 4, 5, 6] }).model.task.classWeights).toHaveLength(6);
    expect(read({ bert_learning_rate: null, early_stop_patience: null, class_weights: null })).toBeDefined();
  });

  it('uses the causal mask in self-attention only', () => {
    expect(read().model).toMatchObject({ causal: false, without: [] });
    expect(read({ use_cross_modal_attention: false }).model).toMatchObject({
      causal: true,
      without: ['cross-modal-attention'],
    });
    expect(read({ use_cross_modal_attention: false, attn_mask: false }).model.causal).toBe(false);
  });

  it.each([
    [{ use_bert: true }, 'c.json: "use_bert" is true: only false'],
    [{ class_weight: 'balanced' }, 'c.json: "class_weight" is "balanced": only "none"'],
    [{ active_modalities: ['text', 'audio'] }, 'c.json: "active_modalities" is ["text","audio"]: only all of'],
    [{ lamda_ot: 0.1 }, 'c.json: the key "lamda_ot" is not one that is honoured here; did you mean "lambda_ot"?'],
    [{ task_loss: 'hinge' }, 'c.json: "task_loss" is "hinge": Invalid option'],
    [{ nlevels: 0 }, 'c.json: "nlevels" is 0: Too small'],
    [{ dst_feature_dim_nheads: [16, 3] }, '3 heads do not divide a width of 16'],
    [{ num_classes: 1 }, '"num_classes" must be given, and at least 2'],
    [{ class_weights: [1, 2] }, '"class_weights" has 2 entries for 6 classes'],
  ])('refuses %o', (changes, message) => {
    expect(() => read(changes)).toThrow(message);
    expect(() => read(changes)).toThrow(/^[^\n]+$/);
  });

  it('names a key that is missing, and a file that holds no object', () => {
    expect(() => without('nlevels')).toThrow('c.json: the key "nlevels" is missing.');
    for (const json of [[], 1, null]) expect(() => readAuthorsConfig(json, file)).toThrow('c.json: a configuration is');
  });
});
