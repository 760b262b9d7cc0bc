/** The names of parameters in the authors' checkpoints, and ours. */
import { authorsModalities } from './authors-config.ts';
import { renaming, type NamePattern } from './checkpoint.ts';

const letters = Object.fromEntries(authorsModalities.map(({ letter, name }) => [letter, name]));

/** Pairs of the authors' names and ours; `*` stands for a modality's letter, and in ours for its name. */
const patterns: readonly NamePattern[] = [
  ['proj_*.weight', 'projection.*.weight'],
  ['encoder_uni_*.weight', 'unique.*.weight'],
  ['encoder_com.weight', 'common.weight'],
  ['trans_*.layers.#.self_attn.in_proj_~', 'transformer.*.layers.#.attention.in_proj_~'],
  ['trans_*.layers.#.self_attn.out_proj.~', 'transformer.*.layers.#.attention.out_proj.~'],
  ['trans_*.layers.#.attn_layer_norm.~', 'transformer.*.layers.#.attention_norm.~'],
  ['trans_*.layers.#.fc1.~', 'transformer.*.layers.#.feed_forward.0.~'],
  ['trans_*.layers.#.fc2.~', 'transformer.*.layers.#.feed_forward.1.~'],
  ['trans_*.layers.#.final_layer_norm.~', 'transformer.*.layers.#.feed_forward_norm.~'],
  ['pde_*.net.0.~', 'latent.*.0.~'],
  ['pde_*.net.3.~', 'latent.*.1.~'],
  ['out_layer.~', 'head.~'],
];

/** Our name for a parameter of the authors; undefined for a name that none of the patterns has. */
export const ourName = renaming(patterns, letters);
