/** Drawings of what models show, of small made data, for the gallery. */
import { pairsOfPlan } from '../../analysis/transport-plan.ts';
import { random } from '../../data/random.ts';
import type { Drawing } from '../figure.ts';
import { attention } from './attention.ts';
import { contribution } from './contribution.ts';
import { prototypes, type PrototypesPart } from './prototypes.ts';
import { transport } from './transport.ts';

const draws = random(1, 'figures of models');
/** A number of a normal distribution. */
const noise = (): number => draws.normal();

/** Plans in which a prototype goes to its neighbours, the more to others the wider. */
function transportMade(): Drawing {
  const plan = (width: number): number[][] => {
    const rows = Array.from({ length: 7 }, (_, i) =>
      Array.from({ length: 7 }, (__, j) => Math.exp(-(((i - j) / width) ** 2) - 0.05 * (i - 3) ** 2)),
    );
    const total = rows.flat().reduce((a, b) => a + b, 0);
    return rows.map((row) => row.map((mass) => mass / total));
  };
  const widths = [
    ['text', 'audio', 0.7],
    ['text', 'vision', 2],
    ['audio', 'vision', 8],
  ] as const;
  const pairs = widths.map(([first, second, width]) => {
    const masses = plan(width);
    const { information } = pairsOfPlan(Float64Array.from(masses.flat()), [7, 7])[0]!;
    return { modalities: [first, second] as const, plan: masses, information: information ?? null };
  });
  return transport({ runs: [{ name: 'ours', fitted: 360, pairs }] });
}

function prototypesMade(): Drawing {
  const part = (shift: number, count: number): PrototypesPart => {
    const means = Array.from({ length: count }, (_, k) => {
      const angle = (2 * Math.PI * k) / count + shift;
      return [2 * Math.cos(angle) + shift, 1.4 * Math.sin(angle)] as const;
    });
    const masses = means.map((_, k) => (k + 1) / ((count * (count + 1)) / 2));
    return {
      effective: Math.exp(masses.reduce((sum, mass) => sum - mass * Math.log(mass), 0)),
      samples: means.flatMap(([x, y], k) =>
        Array.from({ length: 10 * (k + 1) }, () => [x + 0.4 * noise(), y + 0.25 * noise()] as const),
      ),
      prototypes: means.map((mean, k) => ({ mass: masses[k]!, mean, covariance: [0.16, 0.06, 0.04] as const })),
    };
  };
  const panel = (name: string, shift: number): Parameters<typeof prototypes>[0]['panels'][number] => ({
    ...{ name, shares: [0.41, 0.22] },
    parts: [part(0, 4), part(shift, 5)],
  });
  return prototypes({ modalities: ['vision', 'text'], panels: [panel('model A', 2.2), panel('ours', 0.5)] });
}

const steps = { text: 12, audio: 20, vision: 16 } as const;
const modalities = Object.keys(steps) as (keyof typeof steps)[];

function contributionMade(): Drawing {
  const own = modalities.map((modality, m) => {
    const values = Array.from({ length: steps[modality] }, () => 0.1 * noise() + [0.08, -0.02, 0][m]!);
    return { modality, steps: values, change: values.reduce((a, b) => a + b, 0) };
  });
  return contribution({
    id: 'a sample',
    runs: [{ name: 'ours', says: 'predicted 1.20, label 1.40', modalities: own }],
  });
}

function attentionMade(): Drawing {
  const pairs = modalities.flatMap((queries) =>
    modalities
      .filter((keys) => keys !== queries)
      .map((keys) => {
        const row = (q: number): number[] => {
          const raw = Array.from({ length: steps[keys] }, (_, k) =>
            Math.exp(-(((k / steps[keys] - q / steps[queries]) * 4) ** 2) + 0.4 * noise()),
          );
          const total = raw.reduce((a, b) => a + b, 0);
          return raw.map((x) => (0.5 * x) / total);
        };
        return {
          queries,
          keys,
          layers: 2,
          heads: 4,
          weights: Array.from({ length: steps[queries] }, (_, q) => row(q)),
        };
      }),
  );
  return attention({ id: 'a sample', says: 'predicted 1.20, label 1.40', pairs });
}

export const explained = {
  transport: transportMade(),
  prototypes: prototypesMade(),
  contribution: contributionMade(),
  attention: attentionMade(),
};
