/** Tables of an experiment whose jobs are all done, to be compared with those of another machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { decalign, filesIn } from './decalign.ts';

/**
 * What `collect` prints and writes, by name. Times and memory differ from one run to the next, and are no results: they are made
 * alike in the records of the runs, and the tables are made anew.
 */
export async function tablesOf(cwd: string, name: string): Promise<Readonly<Record<string, string>>> {
  for (const file of filesIn(path.join(cwd, name, 'runs')).filter((each) => path.basename(each) === 'job.json')) {
    const place = path.join(cwd, name, 'runs', file);
    const result = JSON.parse(readFileSync(place, 'utf8')) as object;
    writeFileSync(place, JSON.stringify({ ...result, seconds: 1, seconds_per_step: 1, peak_bytes: 1 }));
  }
  const collected = await decalign(['collect', name], { cwd });
  expect(collected, collected.stderr).toMatchObject({ code: 0, stderr: '' });
  const found = filesIn(path.join(cwd, name)).filter((file) => path.dirname(file) === '.' && file !== 'benchmark.json');
  return {
    stdout: collected.stdout,
    ...Object.fromEntries(found.map((file) => [file, readFileSync(path.join(cwd, name, file), 'utf8')])),
  };
}
