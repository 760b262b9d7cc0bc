/** Parts of README.md that are made from the tables of models and of DecAlign's terms. */
import { ablations, decalign, models, type Model } from '../src/models/index.ts';

/** By name: each stands between the comments `made: NAME` and `end`. */
const made: Readonly<Record<string, () => string>> = {
  switches: () => `${ablations.map((name) => `\`${name}\``).join(', ')}.`,
  models: () => `\n${modelTable()}\n`,
};

/** The models that DecAlign is compared with, by the name of `--model`. */
export const otherModels: readonly (readonly [string, Model])[] = Object.entries<Model>(models).filter(
  ([name]) => name !== decalign.name,
);

function modelTable(): string {
  const rows = otherModels.map(([name, { title = name, paper, notes = [] }]) => {
    const described = [`${paper}.`, ...notes].join(' ');
    return `| [\`${name}\`](docs/models/${name}.md) | ${title} | ${described} |`;
  });
  return ['| `--model` | | described in |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A page with all such parts as they are to be. */
export const remade = (page: string): string =>
  Object.entries(made).reduce((text, [name, make]) => {
    const [start, end] = [`<!-- made: ${name} -->`, '<!-- end -->'];
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf(end, from);
    if (from < start.length || to < 0) throw new Error(`README.md lacks "${start}" or the "${end}" after it.`);
    return `${text.slice(0, from)}${make()}${text.slice(to)}`;
  }, page);
