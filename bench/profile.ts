/** The runtime's own profile of a program, by operator. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import type { BenchLine } from './case.ts';
import { rounded } from './statistics.ts';

/** What the runtime writes of one operator, or of a whole run; times are in microseconds. */
const profileEvent = z.object({
  cat: z.string(),
  name: z.string(),
  ts: z.number(),
  dur: z.number(),
  args: z
    .object({
      op_name: z.string(),
      /** One object per operand, from its dtype to its shape. */
      input_type_shape: z.array(z.record(z.string(), z.array(z.number()))),
    })
    .partial()
    .optional(),
});
export type ProfileEvent = z.output<typeof profileEvent>;

/** How many (operator, shapes) groups are printed. */
const groups = 25;

/** Lets `work` run a program with that `profile` option, at least twice, and dispose of it; lines by operator. */
export async function profiled(work: (profile: string) => Promise<void>): Promise<BenchLine[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'decalign-profile-'));
  try {
    await work(path.join(directory, 'profile'));
    const [file] = readdirSync(directory);
    if (file === undefined) throw new Error(`The runtime wrote no profile into ${directory}.`);
    return profileLines(z.array(profileEvent).parse(JSON.parse(readFileSync(path.join(directory, file), 'utf8'))));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A line per operator, the costliest first, then the costliest operators with shapes. Means per run, less the first. */
export function profileLines(events: readonly ProfileEvent[]): BenchLine[] {
  const runs = events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run');
  const [first] = runs.toSorted((a, b) => a.ts - b.ts);
  if (first === undefined || runs.length < 2)
    throw new RangeError(`A profile needs two runs or more, of which the first is left out; got ${runs.length}.`);
  const counted = runs.length - 1;
  const nodes = ownTimes(
    events.filter(({ cat, name, ts }) => cat === 'Node' && name.endsWith('_kernel_time') && ts > first.ts + first.dur),
  );
  const whole = nodes.reduce((sum, { own }) => sum + own, 0);
  const line = ({ own, count, ...what }: { own: number; count: number } & BenchLine): BenchLine => ({
    ...what,
    count: rounded(count / counted),
    ms: rounded(own / counted / 1000, 3),
    share: rounded(own / whole, 4),
  });
  const operators = grouped(nodes, ({ event }) => event.args?.op_name ?? 'unknown');
  const shapes = grouped(nodes, ({ event }) => `${event.args?.op_name ?? 'unknown'} ${shapesOf(event)}`);
  return [
    ...operators.map(({ key, ...sums }) => line({ profile: key, ...sums })),
    ...shapes.slice(0, groups).map(({ key, ...sums }) => {
      const [op, operands] = key.split(' ');
      return line({ profile: op, shapes: operands, ...sums });
    }),
  ];
}

const shapesOf = ({ args }: ProfileEvent): string =>
  (args?.input_type_shape ?? []).map((operand) => Object.values(operand).map((shape) => `[${shape}]`)).join('');

interface OwnTime {
  readonly event: ProfileEvent;
  /** Microseconds, less those of the operators inside it: a loop's are counted where they are spent. */
  own: number;
}

function ownTimes(events: readonly ProfileEvent[]): OwnTime[] {
  const nodes = events
    .toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)
    .map((event): OwnTime => ({ event, own: event.dur }));
  const around: OwnTime[] = [];
  for (const node of nodes) {
    const { ts, dur } = node.event;
    while (around.length > 0 && ts >= around.at(-1)!.event.ts + around.at(-1)!.event.dur) around.pop();
    const outer = around.at(-1);
    if (outer && ts + dur <= outer.event.ts + outer.event.dur) outer.own -= dur;
    around.push(node);
  }
  return nodes;
}

function grouped(
  nodes: readonly OwnTime[],
  keyOf: (node: OwnTime) => string,
): { readonly key: string; readonly count: number; readonly own: number }[] {
  const sums = new Map<string, { count: number; own: number }>();
  for (const node of nodes) {
    const key = keyOf(node);
    const sum = sums.get(key) ?? { count: 0, own: 0 };
    sums.set(key, { count: sum.count + 1, own: sum.own + node.own });
  }
  return [...sums].map(([key, sum]) => ({ key, ...sum })).sort((a, b) => b.own - a.own);
}
