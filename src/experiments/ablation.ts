/** Tables 3 and 4 of the paper: DecAlign without each of its parts, as variants that a benchmark compares with all of it. */
import { termNames, terms } from '../models/index.ts';
import { ConfigError, type RunConfig } from '../config/index.ts';
import { isTree } from '../json/tree.ts';
import { configOf, type BenchmarkData, type Given, type ModelEntry, type Variant } from './benchmark/entries.ts';

/** The tables of the paper that have ablations. */
export const ablationTables = [3, 4] as const;
export type AblationTable = (typeof ablationTables)[number];

interface Ablation {
  readonly table: AblationTable;
  readonly variant: Variant;
}

const without = (table: AblationTable, name: string, title: string, parts: readonly string[]): Ablation => ({
  table,
  variant: { name: `without-${name}`, title: `without ${title}`, without: parts },
});

/** In the order of the tables. `parts` are names that `model.without` takes. */
const ofThePaper: readonly Ablation[] = [
  without(3, 'homogeneity', 'homogeneity (Homo)', ['homogeneity']),
  without(3, 'heterogeneity', 'heterogeneity (Hete)', ['heterogeneity']),
  without(3, 'both', 'both alignments', ['heterogeneity', 'homogeneity']),
  {
    table: 3,
    variant: {
      ...{ name: 'without-mfd', title: 'without the decoupling (MFD)' },
      settings: [{ name: 'model.decouple=false', key: 'model.decouple', value: false }],
    },
  },
  without(3, 'decoupling-loss', 'the decoupling loss (Eq. 1)', ['decoupling']),
  without(4, 'transport', 'transport (Proto-OT)', ['transport']),
  without(4, 'contrastive', 'contrastive term (CT)', ['contrastive']),
  without(4, 'semantic', 'semantic consistency (Sem)', ['moments']),
  without(4, 'mmd', 'MMD', ['mmd']),
];

/** Terms that the paper has not: rows where the recipe has them, beside those of Table 4. */
const ofOurs: readonly Ablation[] = [
  without(4, 'independence', 'independence (L_ind)', ['independence']),
  without(4, 'pairing', 'pairing (L_pair)', ['pairing']),
  without(4, 'reconstruction', 'reconstruction (L_rec)', ['reconstruction']),
];

export interface AblationOptions {
  /** Of DecAlign. Default: its first. */
  readonly recipe?: string | undefined;
  readonly tables: readonly AblationTable[];
  readonly given: Given;
  readonly data: readonly Pick<BenchmarkData, 'source'>[];
}

export interface AblationEntries {
  /** Variants, and the full model last. */
  readonly entries: readonly ModelEntry[];
  /** The id of the full model. */
  readonly base: string;
  /** Rows of the tables that are not there, since the full model has not what they leave out. */
  readonly left: readonly string[];
}

/** The rows of the tables. Throws a ConfigError where the full model has nothing that they leave out. */
export function ablationEntries({ recipe, tables, given, data }: AblationOptions): AblationEntries {
  const id = recipe === undefined ? 'decalign' : `decalign@${recipe}`;
  const full: ModelEntry = { id, model: 'decalign', ...(recipe !== undefined && { recipe }) };
  const { model } = configOf(full, data[0]!.source, given);
  const asked = (all: readonly Ablation[]): Variant[] =>
    all.flatMap(({ table, variant }) => (tables.includes(table) ? [variant] : []));
  // A variant that leaves out no term leaves out the encoders.
  const has = ({ without: parts }: Variant): boolean =>
    parts ? parts.every((part) => isPart(part, model)) : model['decouple'] === true;
  const paper = asked(ofThePaper);
  const shown = [...paper, ...asked(ofOurs)].filter(has);
  if (shown.length === 0)
    throw new ConfigError(
      `${id} has none of the parts that Table ${tables.join(' or ')} leaves out, as it is configured.`,
    );
  return {
    entries: [...shown.map((variant) => ({ ...full, id: `${id}:${variant.name}`, variant })), full],
    base: id,
    left: paper.filter((variant) => !has(variant)).map(({ title }) => title!),
  };
}

/** The tables that have rows of these names of variants. */
export const tablesWith = (variants: readonly string[]): readonly AblationTable[] =>
  ablationTables.filter((table) =>
    [...ofThePaper, ...ofOurs].some((each) => each.table === table && variants.includes(each.variant.name)),
  );

/** Whether a model is trained with a term, or a part of one. */
function isPart(name: string, { without: off, weights }: RunConfig['model']): boolean {
  const term = termNames.find((each) => each === name || terms[each].parts.some((part) => part === name));
  const isOff = (each: string): boolean => Array.isArray(off) && off.includes(each);
  const weight = term !== undefined && isTree(weights) ? Number(weights[term]) : 0;
  return term !== undefined && weight > 0 && !isOff(term) && !isOff(name);
}
