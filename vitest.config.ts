import { defineConfig } from 'vitest/config';

const long = '**/*.long.test.ts';
/** Tests that start daemons of their own, in a lane of their own: `npm run test:cluster`. */
const cluster = '**/*.cluster.test.ts';
const common = { pool: 'forks' as const, testTimeout: 600_000, hookTimeout: 600_000 };

// docs/testing.md says which test belongs where. No test waits for time to pass, so the limits are met only by one that
// hangs, however busy the machine.
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Files that start no process and change nothing of their own share one, which saves loading the sources each time.
      { test: { ...common, name: 'src', include: ['src/**/*.test.ts'], exclude: [long], isolate: false } },
      { test: { ...common, name: 'test', include: ['test/**/*.test.ts'], exclude: [long, cluster] } },
      { test: { ...common, name: 'long', include: [long] } },
      { test: { ...common, name: 'cluster', include: [cluster] } },
    ],
  },
});
