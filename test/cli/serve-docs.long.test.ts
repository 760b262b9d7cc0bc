/** What docs/serve.md tells a reader to ask is asked, of the model that it tells to train. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { decalign, temporaryFolder } from './decalign.ts';
import { served, stopped } from './served.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/serve.md'), 'utf8');
const folder = temporaryFolder();

test('the requests of docs/serve.md are answered', async () => {
  const [[, training], ...asking] = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)] as [
    RegExpExecArray,
    ...RegExpExecArray[],
  ];
  const call = /^npx decalign (train .*)$/m.exec(training!)![1]!.replace('examples/', `${root}/examples/`).split(' ');
  const trained = await decalign([...call, '--quiet'], { cwd: folder });
  expect(trained.code, trained.stderr).toBe(0);
  const server = await served([path.join(folder, 'runs/people'), '--quiet']);
  const answers: string[] = [];
  for (const [, commands] of asking) {
    // Each command prints one answer.
    const script = commands!
      .replaceAll('http://localhost:8080', server.url)
      .replaceAll(/^curl/gm, 'echo; curl --silent --fail-with-body');
    answers.push(...(await promisify(execFile)('sh', ['-ec', script])).stdout.trim().split('\n'));
  }
  const [predicted, models, model, inferred] = answers.map((answer) => JSON.parse(answer) as unknown);
  expect(answers).toHaveLength(4);
  expect(predicted).toMatchObject({
    predictions: [
      { id: 'a', probabilities: { no: expect.any(Number) as number, yes: expect.any(Number) as number } },
      { id: 'b', prediction: expect.stringMatching(/^(no|yes)$/) as string },
    ],
  });
  expect(models).toEqual([{ name: 'people', versions: [expect.any(String)] }]);
  expect(model).toMatchObject({ name: 'people', platform: 'onnxruntime_onnxv1' });
  expect(inferred).toMatchObject({ id: '42', outputs: [{ name: 'probabilities', shape: [2, 2] }] });
  await stopped(server);
});
