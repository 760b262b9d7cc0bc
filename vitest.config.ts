import { defineConfig } from 'vitest/config';

const long = '**/*.long.test.ts';
/** Tests that start daemons of their own, in a lane of their own: `npm run test:cluster`. */
const cluster = '**/*.cluster.test.ts';

// docs/testing.md says which test belongs where. No test waits for time to pass, so the limits are met only by one that
// hangs, however busy the machine.
const limit = (minutes: number): { readonly testTimeout: number; readonly hookTimeout: number } => ({
  testTimeout: 60_000 * minutes,
  hookTimeout: 60_000 * minutes,
});
const common = { pool: 'forks' as const, setupFiles: ['test/drawn.ts'], ...limit(10) };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Files that start no process and change nothing of their own share one, which saves loading the sources each time.
      { test: { ...common, name: 'src', include: ['src/**/*.test.ts'], exclude: [long], isolate: false } },
      { test: { ...common, name: 'test', include: ['test/**/*.test.ts'], exclude: [long, cluster] } },
      { test: { ...common, ...limit(30), name: 'long', include: [long] } },
      { test: { ...common, ...limit(30), name: 'cluster', include: [cluster] } },
    ],
  },
});
