/** What an explanation lacks, and what its reader must know. */
import type { Samples } from '../../data/dataset.ts';
import type { OpenModel } from '../open-model.ts';
import type { ExplainedSample, ExplainedTransport } from './explanation.ts';

/** A sentence for each. */
export function notesOn(
  { network, data: { features } }: Pick<OpenModel, 'network' | 'data'>,
  explained: readonly ExplainedSample[],
  { samples, transport }: { readonly samples: Samples; readonly transport: ExplainedTransport | undefined },
): string[] {
  const { name } = network;
  const tokens = features.filter((each) => each.tokens).map((each) => each.name);
  const most = transport && Math.max(...Object.values(transport.prototypes).map(({ masses }) => masses.length));
  const lone = explained.filter(
    ({ modalities }) => Object.values(modalities).filter((each) => each.present).length === 1,
  );
  return [
    ...tokens.map(
      (modality) =>
        `Contributions of ${modality} are of the hidden states that its encoder gives at each token: they hold the rest of the text as well.`,
    ),
    ...(explained.every(({ attention }) => attention.length === 0)
      ? [`${name} has no attention between steps of modalities that could be shown.`]
      : []),
    ...(transport ? [] : [withoutTransport(name, network.plan !== undefined, features, samples)]),
    ...(transport && most! > transport.fitted
      ? [
          `Prototypes are fitted to ${transport.fitted === 1 ? 'one sample' : `${transport.fitted} samples`}, fewer than there are prototypes (${most}): give data with more samples that have all modalities.`,
        ]
      : []),
    ...lone.map(({ id }) => `The sample ${id} has one modality alone: without it nothing is left to predict from.`),
  ];
}

function withoutTransport(
  name: string,
  solves: boolean,
  features: OpenModel['data']['features'],
  { lengths }: Samples,
): string {
  if (!solves) return `${name} has no prototypes and no transport plan.`;
  const names = features.map((each) => each.name);
  const complete = lengths[names[0]!]!.some((_, row) => names.every((each) => lengths[each]![row]! > 0));
  return complete
    ? 'The configuration of this run solves for no transport plan (model.without, or a weight of 0), so there are no prototypes that a plan is between.'
    : 'No sample of the split has all modalities, and prototypes are fitted to such samples alone.';
}
