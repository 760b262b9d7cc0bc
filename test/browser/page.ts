/** What the tests call in the page: everything through the public interface for browsers. */
import { openRuntime, type WebRuntime, type WebRuntimeOptions } from '../../src/web.ts';
import { firstStep, takeSteps, type FirstStep, type Recipe, type Steps } from './steps.ts';

const page = {
  async threads(options: WebRuntimeOptions): Promise<number> {
    return (await openRuntime(options)).threads;
  },
  /** Asks for a program that has these options, of nothing. */
  async ask(options: WebRuntimeOptions, wanted: Parameters<WebRuntime['compile']>[1]): Promise<void> {
    await (await openRuntime(options)).compile({}, wanted);
  },
  async steps(options: WebRuntimeOptions, recipe: Recipe): Promise<Steps> {
    return takeSteps((await openRuntime(options)).compile, recipe);
  },
  async firstStep(options: WebRuntimeOptions, recipe: Recipe): Promise<FirstStep> {
    return firstStep((await openRuntime(options)).compile, recipe);
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
