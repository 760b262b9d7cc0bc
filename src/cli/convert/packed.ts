import { stat } from 'node:fs/promises';
import path from 'node:path';
import { loadDataset, type LoadOptions } from '../../data/datasets/load.ts';
import { pack } from '../../data/packed/pack.ts';
import { movedText } from '../../data/tables/moved.ts';
import type { WriteResult } from '../../formats/writing/request.ts';
import { version } from '../../runs/version.ts';

/** The options that choose which part of a dataset is packed. */
export type PackedChoice = Pick<LoadOptions, 'task' | 'group' | 'modalities' | 'preset' | 'synthetic' | 'digits'>;

/** The result of a conversion. */
export interface Converted {
  readonly written: Pick<WriteResult, 'format' | 'arrays' | 'bytes' | 'leftOut'>;
  /** Lines about what was left out or lost, for stderr. */
  readonly notes: readonly string[];
}

/** Whether a name is that of a folder (no ending, or `.packed`), which asks for the packed form. */
export const isPackedName = (name: string): boolean => ['', '.packed'].includes(path.extname(name));

/** Writes the dataset of `source` in its packed form into a new folder. The dataset may be larger than memory. */
export async function convertToPacked(
  source: string,
  folder: string,
  { signal, ...choice }: PackedChoice & { readonly signal: AbortSignal },
): Promise<Converted> {
  const cleaned = new Map<string, number>();
  const moved = new Map<string, number>();
  const dataset = await loadDataset(source, {
    ...choice,
    ...{ splits: 'present', requireLabels: false, stored: true },
    // `pack` reads every sample once, so the counts of all reads together are those of the dataset.
    onRead: (name, found) => {
      cleaned.set(name, (cleaned.get(name) ?? 0) + found.cleaned);
      moved.set(name, (moved.get(name) ?? 0) + found.moved);
    },
  });
  try {
    const { splits, modalities } = await pack(dataset, folder, {
      ...{ writtenBy: `decalign ${version}`, signal, cleaned },
      ...(choice.group !== undefined && { group: choice.group }),
    });
    const shards = Object.values(splits).flat();
    const { size } = await stat(path.join(folder, 'manifest.json'));
    const { ignored = [], notes = [] } = dataset;
    const count = Object.values(dataset.splits).reduce((sum, { ids }) => sum + ids.length, 0);
    return {
      written: {
        format: `packed dataset of ${shards.length} ${shards.length === 1 ? 'shard' : 'shards'}`,
        arrays: modalities.length * Object.keys(splits).length,
        bytes: shards.reduce((sum, { bytes }) => sum + bytes, size),
        leftOut: ignored,
      },
      notes: [
        ...notes,
        ...dataset.modalities.flatMap(
          (modality) => movedText({ ...modality, moved: moved.get(modality.name) ?? 0 }, count) ?? [],
        ),
        ...(ignored.length === 0 ? [] : [`Left out, as training does not read it: ${ignored.join(', ')}.`]),
      ],
    };
  } finally {
    await dataset.close?.();
  }
}
