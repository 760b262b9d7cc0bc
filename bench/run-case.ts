/** The process of one case: prints its lines, or one line of what went wrong. */
import type { BenchOptions } from './case.ts';
import { families } from './cases.ts';

/** Which case, as main.ts tells it. */
export interface Told {
  readonly family: number;
  readonly index: number;
  readonly options: BenchOptions;
}

// A reader that stops early (`npm run bench | head`) is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));

// Nothing goes on once the bench has been stopped; whoever started processes ends them on exit.
for (const event of ['disconnect', 'SIGINT', 'SIGTERM']) process.on(event, () => process.exit(1));
process.channel?.unref();

const told = JSON.parse(process.argv[2]!) as Told;
const benchCase = (await families[told.family]!())[told.index]!;
try {
  for await (const line of benchCase.run(told.options)) console.log(JSON.stringify(line));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`bench: ${benchCase.name}: ${message.trim().replaceAll(/\s*\n\s*/g, ' ')}`);
  process.exitCode = 1;
}
