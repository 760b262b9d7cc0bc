/** Reads checkpoints of other code: tensors under their names become our parameters. */
import type { Dataset } from '../data/dataset.ts';
import { isNumericData, toFloat32, type NdArray } from '../formats/bytes/array.ts';
import { FormatError, quoted } from '../files/error.ts';
import type { ModelTask } from '../models/index.ts';
import { sameShape } from '../tensor/index.ts';
import type { ParameterSpec } from '../train/index.ts';

/** The tensors of a checkpoint, by the names that the code which saved them gave. */
export type Tensors = Readonly<Record<string, NdArray>>;

/**
 * A pattern of names in the other code (`theirs`), and of ours. `*` stands for a modality, `#` for a number, `~` for a
 * part without dots and `**` for any rest; `ours` has these symbols in the same order. `\1` in `theirs` repeats what
 * its first symbol stood for.
 */
export type NamePattern = readonly [theirs: string, ours: string];

/**
 * A function from names of the other code to ours; undefined for a name without a pattern. `modalities` maps their
 * names of modalities to ours.
 */
export function renaming(
  patterns: readonly NamePattern[],
  modalities: Readonly<Record<string, string>>,
): (theirs: string) => string | undefined {
  const meaning: Readonly<Record<string, string>> = {
    '*': `(${Object.keys(modalities).join('|')})`,
    '#': '(\\d+)',
    '~': '(\\w+)',
    '**': '(.+)',
    '.': '\\.',
  };
  const matchers = patterns.map(([theirs, ours]) => ({
    pattern: new RegExp(`^${theirs.replace(/\*\*|[*#~.]/g, (symbol) => meaning[symbol]!)}$`),
    ours,
  }));
  return (theirs) => {
    for (const { pattern, ours } of matchers) {
      const found = pattern.exec(theirs);
      if (!found) continue;
      let next = 1;
      return ours.replace(/\*\*|[*#~]/g, (symbol) => {
        const part = found[next++]!;
        return symbol === '*' ? modalities[part]! : part;
      });
    }
    return undefined;
  };
}

export interface Naming {
  readonly file: string;
  readonly ourName: (theirs: string) => string | undefined;
  /** Whether a tensor is one that the other code saves and no prediction reads. Default: none is. */
  readonly unused?: (theirs: string) => boolean;
}

/**
 * The parameters, by our names, of a checkpoint's tensors. Throws a FormatError for a missing parameter, another shape,
 * a tensor that does not hold numbers, and one that is neither a parameter nor unused.
 */
export function stateOf(
  tensors: Tensors,
  parameters: ReadonlyMap<string, Pick<ParameterSpec, 'shape'>>,
  { file, ourName, unused = () => false }: Naming,
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  for (const [theirs, tensor] of Object.entries(tensors)) {
    if (unused(theirs)) continue;
    const name = ourName(theirs);
    const expected = name === undefined ? undefined : parameters.get(name);
    if (name === undefined || !expected)
      throw new FormatError(
        file,
        `holds ${quoted(theirs)}, for which this model has no place; is the configuration the right one?`,
      );
    if (Object.hasOwn(state, name)) throw new FormatError(file, `holds ${quoted(theirs)} under another name, too.`);
    if (!sameShape(tensor.shape, expected.shape))
      throw new FormatError(
        file,
        `${quoted(theirs)} has shape [${tensor.shape}], but the configuration makes it [${expected.shape}].`,
      );
    state[name] = floats(tensor, theirs, file);
  }
  const missing = [...parameters.keys()].filter((name) => !Object.hasOwn(state, name));
  if (missing.length > 0)
    throw new FormatError(file, `lacks ${missing.length} parameters of this model, among them "${missing[0]!}".`);
  return state;
}

function floats({ data }: NdArray, name: string, file: string): Float32Array {
  if (!isNumericData(data)) throw new FormatError(file, `${quoted(name)} does not hold numbers.`);
  return toFloat32(data);
}

/** Throws an Error where a dataset lacks a modality of a checkpoint's model, or has another width or another task. */
export function checkDataset(
  { name: dataset, modalities, task: labels }: Dataset,
  { widths, task }: { readonly widths: Readonly<Record<string, number>>; readonly task: ModelTask },
): void {
  for (const [name, width] of Object.entries(widths)) {
    const found = modalities.find((modality) => modality.name === name);
    if (!found) throw new Error(`${dataset} has no modality "${name}", which the checkpoint's model needs.`);
    if (found.width !== width)
      throw new Error(`${dataset}: "${name}" has ${found.width} features per step, but the checkpoint takes ${width}.`);
  }
  if (task.kind !== labels.kind)
    throw new Error(`The checkpoint is for ${task.kind}, but the labels of ${dataset} are for ${labels.kind}.`);
  if (task.kind === 'classification' && labels.kind === 'classification' && task.classes !== labels.classes.length)
    throw new Error(`The checkpoint tells ${task.classes} classes apart, but ${dataset} has ${labels.classes.length}.`);
}
