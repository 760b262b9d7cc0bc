/** The runs that a row lacks: those that failed, and those that nobody has done yet. */

export interface Lacking {
  /** As in `seed 3`. */
  readonly what: string;
  readonly reason: string;
  readonly status: 'failed' | 'missing';
}

/** `partial`: some runs lack, and the means are of the others; `missing`: none has been done, and none failed. */
export type RowStatus = 'done' | 'partial' | 'failed' | 'missing';

export function rowStatus({ runs, failures }: { runs: readonly unknown[]; failures: readonly Lacking[] }): RowStatus {
  if (runs.length > 0) return failures.length > 0 ? 'partial' : 'done';
  return failures.length > 0 && failures.every(({ status }) => status === 'missing') ? 'missing' : 'failed';
}

const words = { failed: 'failed', missing: 'not done' } as const;

/** The status of a row in words; empty where it lacks nothing. */
export function statusText(row: {
  readonly status: RowStatus;
  readonly seeds: readonly number[];
  readonly failures: readonly Lacking[];
}): string {
  const { status, seeds, failures } = row;
  if (status === 'partial') return `${seeds.length} of ${seeds.length + failures.length} seeds`;
  return status === 'done' ? '' : words[status];
}

/** Lines such as `DecAlign, seed 3: no memory`, of what failed and of what is not done. */
export const lackingLines = (
  rows: readonly { readonly name: string; readonly failures: readonly Lacking[] }[],
): readonly { readonly heading: string; readonly lines: readonly string[] }[] =>
  (['failed', 'missing'] as const).flatMap((status) => {
    const lines = rows.flatMap(({ name, failures }) =>
      failures.flatMap((each) => (each.status === status ? [`${name}, ${each.what}: ${each.reason}`] : [])),
    );
    return lines.length > 0 ? [{ heading: words[status], lines }] : [];
  });

/** The same as lists of Markdown. */
export const lackingLists = (rows: Parameters<typeof lackingLines>[0]): string[] =>
  lackingLines(rows).flatMap(({ heading, lines }) => [
    `${heading[0]!.toUpperCase()}${heading.slice(1)}:`,
    '',
    ...lines.map((line) => `- ${line}`),
    '',
  ]);
