/** Parameter names of the authors' checkpoints and of ours, both ways. */
import { authorsModalities } from './authors-config.ts';

const letters = Object.fromEntries(authorsModalities.map(({ letter, name }) => [letter, name]));

/** Their patterns, with a modality letter as `*` and a layer number as `#`, and ours. */
const patterns: readonly (readonly [string, string])[] = [
  ['proj_*.weight', 'projection.*.weight'],
  ['encoder_uni_*.weight', 'unique.*.weight'],
  ['encoder_com.weight', 'common.weight'],
  ['trans_*.layers.#.self_attn.in_proj_weight', 'transformer.*.layers.#.attention.in_proj_weight'],
  ['trans_*.layers.#.self_attn.in_proj_bias', 'transformer.*.layers.#.attention.in_proj_bias'],
  ['trans_*.layers.#.self_attn.out_proj.weight', 'transformer.*.layers.#.attention.out_proj.weight'],
  ['trans_*.layers.#.self_attn.out_proj.bias', 'transformer.*.layers.#.attention.out_proj.bias'],
  ['trans_*.layers.#.attn_layer_norm.weight', 'transformer.*.layers.#.attention_norm.weight'],
  ['trans_*.layers.#.attn_layer_norm.bias', 'transformer.*.layers.#.attention_norm.bias'],
  ['trans_*.layers.#.fc1.weight', 'transformer.*.layers.#.feed_forward.0.weight'],
  ['trans_*.layers.#.fc1.bias', 'transformer.*.layers.#.feed_forward.0.bias'],
  ['trans_*.layers.#.fc2.weight', 'transformer.*.layers.#.feed_forward.1.weight'],
  ['trans_*.layers.#.fc2.bias', 'transformer.*.layers.#.feed_forward.1.bias'],
  ['trans_*.layers.#.final_layer_norm.weight', 'transformer.*.layers.#.feed_forward_norm.weight'],
  ['trans_*.layers.#.final_layer_norm.bias', 'transformer.*.layers.#.feed_forward_norm.bias'],
  ['pde_*.net.0.weight', 'latent.*.0.weight'],
  ['pde_*.net.0.bias', 'latent.*.0.bias'],
  ['pde_*.net.3.weight', 'latent.*.1.weight'],
  ['pde_*.net.3.bias', 'latent.*.1.bias'],
  ['out_layer.weight', 'head.weight'],
  ['out_layer.bias', 'head.bias'],
];

const matchers = patterns.map(([theirs, ours]) => ({
  pattern: new RegExp(
    `^${theirs.replaceAll('.', '\\.').replace('*', '(?<letter>[lav])').replace('#', '(?<layer>\\d+)')}$`,
  ),
  ours,
}));

/** Our name of one of their parameters; undefined for one that we do not know. */
export function ourName(theirs: string): string | undefined {
  for (const { pattern, ours } of matchers) {
    const groups = pattern.exec(theirs)?.groups;
    if (groups || pattern.test(theirs))
      return ours.replace('*', letters[groups?.['letter'] ?? ''] ?? '').replace('#', groups?.['layer'] ?? '');
  }
  return undefined;
}
