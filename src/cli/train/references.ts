import { writeReferences, type ReferenceFigures } from '../../experiments/references-data.ts';
import type { Progress } from './progress.ts';

interface Beside {
  /** What was trained into. */
  readonly directory: string;
  readonly progress: Progress;
  readonly fitted: () => Promise<readonly ReferenceFigures[]>;
}

/** References to be shown beside runs, which are recorded with them; none where they are not wanted or cannot be fitted. */
export async function besideRuns(
  { references = true }: { readonly references?: boolean | undefined },
  { directory, progress, fitted }: Beside,
): Promise<readonly ReferenceFigures[]> {
  if (!references) return [];
  try {
    const found = await fitted();
    writeReferences(directory, found);
    return found;
  } catch (error) {
    // The run is done and sound: that nothing can be fitted beside it, such as where a text encoder is gone, is no failure.
    progress.note(`No references beside the run: ${(error as Error).message}`);
    return [];
  }
}

export const documentOf = (beside: readonly ReferenceFigures[]): Readonly<Record<string, unknown>> =>
  beside.length === 0
    ? {}
    : { references: Object.fromEntries(beside.map(({ name, valid, test }) => [name, { valid, test }])) };
