/** The transport plan of a run and the prototypes that it is between. */
import { CannotShow } from '../../../figures/figure.ts';
import { readPrototypes } from '../../../figures/explained/prototypes.ts';
import { prototypesIn } from '../../../figures/measured.ts';
import { explainedTransport } from '../../../runs/explain/prototypes.ts';
import type { TransportView } from '../api/run.ts';
import { openRun, type RunPlace } from './source-of-run.ts';

export async function transportView(place: RunPlace): Promise<TransportView> {
  const { source, shown } = openRun(place);
  const found = await prototypesIn(shown, source);
  if (!found)
    throw new CannotShow(
      `${shown.name} solves for no transport plan: DecAlign does, where model.without leaves transport in and test samples have all modalities`,
    );
  const { fitted, information, pairs, prototypes } = explainedTransport(found);
  const { modalities, panels } = await readPrototypes(source);
  const [panel] = panels;
  return {
    ...{ fitted, information, pairs },
    prototypes: Object.entries(prototypes).map(([modality, { masses, effective }]) => ({
      modality,
      masses,
      effective,
    })),
    ...(panel && {
      plane: {
        shares: panel.shares,
        parts: panel.parts.map(({ samples, prototypes: own }, m) => ({
          modality: modalities[m]!,
          samples,
          prototypes: own,
        })),
      },
    }),
  };
}
