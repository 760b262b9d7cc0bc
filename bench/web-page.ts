/** What the case `web` calls in its page. */
import { openRuntime, type WebRuntimeOptions } from '../src/web.ts';
import { configuration, type Request } from './configurations.ts';
import { stepping, type Stepping } from './stepping.ts';

let training: Stepping | undefined;

const benchPage = {
  async start(
    request: Request,
    options: WebRuntimeOptions,
  ): Promise<{ readonly threads: number; readonly readyMs: number }> {
    const { compile, threads } = await openRuntime(options);
    training = await stepping(configuration(request), { compile, threads });
    return { threads, readyMs: training.readyMs };
  },
  async step(): Promise<number> {
    return (await training!.step()).step;
  },
};

export type BenchPage = typeof benchPage;
Object.assign(globalThis, { benchPage });
