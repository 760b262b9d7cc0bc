/** A lane of which nothing was run has shown nothing: it fails. */
import type { Reporter, TestModule } from 'vitest/node';

export default class NotAllSkipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const ran = modules.some((module) =>
      [...module.children.allTests()].some((test) => test.result().state !== 'skipped'),
    );
    if (ran || modules.some((module) => module.errors().length > 0)) return;
    process.stderr.write('Every test of this lane was skipped: it fails, since it has shown nothing.\n');
    process.exitCode = 1;
  }
}
