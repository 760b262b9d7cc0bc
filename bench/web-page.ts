/** What the case `web` calls in its page. */
import { openRuntime, type WebRuntimeOptions } from '../src/web.ts';
import { webSteps, type WebSteps } from './web-steps.ts';

let steps: WebSteps | undefined;

const benchPage = {
  async start(options: WebRuntimeOptions): Promise<{ readonly threads: number; readonly readyMs: number }> {
    const { compile, threads } = await openRuntime(options);
    steps = await webSteps(compile);
    return { threads, readyMs: steps.readyMs };
  },
  async step(): Promise<number> {
    return steps!.step();
  },
};

export type BenchPage = typeof benchPage;
Object.assign(globalThis, { benchPage });
