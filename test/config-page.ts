/** docs/config.md, made from the schema that checks configurations. */
import { resolveConfig, runSchema, type ConfigSources } from '../src/config/index.ts';
import { schemaKeys, type KeySchema, type SchemaKey } from '../src/config/schema-keys.ts';
import { models, type ModelName } from '../src/models/index.ts';

const introduction = `# Configuration

<!-- Made from the schema in src/config: npx vitest run test/configs.test.ts -u -->

A run is decided by its data, its seed and the keys below. Later sources win: the defaults here, the recipe
(\`--recipe decoupled\`, \`paper\` or \`authors\`), a YAML or JSON file (\`--config\`), single keys (\`--set model.width=64\`). Where no
recipe is named it is \`decoupled\`, and the column "default" has the values that a run without any of these sources then has. An
unknown key is an error that names the nearest known one. The resolved configuration of a run stands in its \`config.json\`, and
\`decalign train DATA --dry-run\` prints it without training. It holds every value, so a run's record means the same whatever
defaults become later.

A file may say which \`version\` of this page it was written for; without one it is taken to be of this version. One that is
later is refused, and an earlier one means what it did: in versions 1 and 2 a configuration of DecAlign that names no recipe has the
recipe \`paper\`, and in version 1 ids told no groups, which is \`data.group: none\` since.

Where a type reads "or by modality", one value serves all modalities, or each has its own by name:
\`--set model.kernel='{text: 1, audio: 3, vision: 5}'\`. Values are YAML.
`;

/** The whole page. */
export function configPage(): string {
  const keys = schemaKeys(models.decalign, resolveConfig({}));
  const sections = [...new Set(keys.map(sectionOf))].map((name) =>
    [
      ...[`## ${name}`, '', '| key | default | type | |', '| --- | --- | --- | --- |'],
      ...keys.filter((each) => sectionOf(each) === name).map(row),
    ].join('\n'),
  );
  const paper = changes({ recipe: 'paper' }, 'What it changes; the why is in [decoupling.md](decoupling.md).');
  const authors = changes({ recipe: 'authors' }, 'What it changes; the why is in [paper.md](paper.md).');
  const synthetic = changes(
    { dataset: 'synthetic' },
    'The datasets that are made have little noise, and DecAlign has these defaults for both.',
  );
  const others = (Object.keys(models) as ModelName[]).filter((name) => name !== 'decalign').map(otherModel);
  const parts = [
    introduction.trimEnd(),
    ...sections,
    ...['## The recipe `paper`', paper, '## The recipe `authors`', authors],
    ...['## `synthetic` and `digits`', synthetic],
    ...['## The other models', othersIntroduction, ...others],
  ];
  return `${parts.join('\n\n')}\n`;
}

const othersIntroduction =
  'Keys under `model` where `--model` names another. Each is described, with its sources, in [models/](models/).';

/** A model's own keys, and what it is trained with where that is not the default above. */
function otherModel(name: ModelName): string {
  const own = schemaKeys(models[name], resolveConfig({ model: name }))
    .filter((each) => sectionOf(each) === 'model' && each.key !== 'model.name')
    .map(row);
  const usual = leaves(resolveConfig({}).train, 'train');
  const trained = [...leaves(resolveConfig({ model: name }).train, 'train')]
    .filter(([key, value]) => usual.get(key) !== value)
    .map(([key, value]) => code(`${key}=${value}`));
  return [
    `### ${name}`,
    '',
    `[${name}](models/${name}.md)${trained.length > 0 ? `; trained with ${trained.join(', ')}` : ''}`,
    '',
    '| key | default | type | |',
    '| --- | --- | --- | --- |',
    ...own,
  ].join('\n');
}

/** What a recipe or a dataset changes, key by key. */
function changes(sources: ConfigSources, why: string): string {
  const usual = leaves(resolveConfig({}));
  const here = leaves(resolveConfig(sources));
  const sections = Object.keys(runSchema(models.decalign).shape);
  const placeOf = (key: string): number => sections.indexOf(key.split('.')[0]!);
  const changed = [...new Set([...usual.keys(), ...here.keys()])]
    .filter((key) => usual.get(key) !== here.get(key))
    .sort((a, b) => placeOf(a) - placeOf(b));
  const change = (key: string): string =>
    `| \`${key}\` | ${code(usual.get(key)) || 'not set'} | ${code(here.get(key)) || 'not set'} |`;
  const table = ['| key | default | here |', '| --- | --- | --- |', ...changed.map(change)];
  return [why, '', ...table].join('\n');
}

const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``);

/** Every value of a configuration by its dotted key. */
function leaves(value: unknown, key = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[key, JSON.stringify(value).replaceAll('"', '')]]);
  return new Map(Object.entries(value).flatMap(([name, below]) => [...leaves(below, key ? `${key}.${name}` : name)]));
}

const sectionOf = ({ key }: SchemaKey): string => key.split('.')[0]!;

function row({ key, schema, usual }: SchemaKey): string {
  const preset = usual === undefined ? undefined : JSON.stringify(usual).replaceAll('"', '');
  return `| \`${key}\` | ${code(preset)} | ${typeOf(schema)} | ${schema.description ?? ''} |`;
}

function typeOf(schema: KeySchema): string {
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'object') return 'by modality';
  if (schema.type === 'array') return schema.prefixItems ? 'a pair of numbers' : `list of ${plural(schema.items)}`;
  if (schema.type === 'null') return '`null`';
  return [schema.type === 'boolean' ? '`true`, `false`' : (schema.type ?? 'any'), range(schema)]
    .filter(Boolean)
    .join(' ');
}

const plural = (items: KeySchema | boolean | undefined): string =>
  typeof items === 'object' && items.enum ? typeOf(items) : `${typeof items === 'object' ? (items.type ?? '') : ''}s`;

/** The bounds that are no more than the limits of a double. */
function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: KeySchema): string {
  const bounds = [
    minimum !== undefined && Math.abs(minimum) < Number.MAX_SAFE_INTEGER && `≥ ${minimum}`,
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && `≤ ${maximum}`,
    exclusiveMaximum !== undefined && `< ${exclusiveMaximum}`,
  ];
  return bounds.filter(Boolean).join(', ');
}
