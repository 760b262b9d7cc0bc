import { execFileSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hostile } from '../../../test/fixtures/data/formats/hostile-parser.ts';
import { FormatError } from '../../files/error.ts';
import { Sandbox, type SandboxOptions } from './sandbox.ts';
import { fixturePath } from '../testing.ts';

const parser = pathToFileURL(fixturePath('data/formats/hostile-parser.ts'));

let open: Sandbox<Hostile>[] = [];
const start = (options: SandboxOptions = {}): Sandbox<Hostile> => {
  const sandbox = new Sandbox<Hostile>(parser, 'x.h5', options);
  open.push(sandbox);
  return sandbox;
};

afterEach(async () => {
  await Promise.all(open.map((sandbox) => sandbox.close()));
  open = [];
});

describe('Sandbox', () => {
  it('answers while other work goes on, and at once, in whatever order it is asked', async () => {
    const sandbox = start();
    const later = sandbox.call('later', 50);
    const doubled = sandbox.call('double', Float32Array.of(1, 2));
    expect(sandbox.callNow('double', Float32Array.of(3))).toEqual(Float32Array.of(6));
    expect(await later).toBe('late');
    expect(await doubled).toEqual(Float32Array.of(2, 4));
    expect(sandbox.callNow('say')).toBe('said');
    expect(sandbox.ended).toBe(false);
  });

  it('tells what is wrong in one line, and goes on', async () => {
    const sandbox = start();
    await expect(sandbox.call('refuse')).rejects.toThrow(new FormatError('x.h5', 'is too odd; make it even.'));
    const message = 'x.h5: cannot be read (offset -1 is out of bounds); the file is damaged, copy or write it again.';
    await expect(sandbox.call('fail')).rejects.toThrow(message);
    expect(() => sandbox.callNow('fail')).toThrow(message);
    expect(() => sandbox.callNow('refuse')).toThrow(FormatError);
    expect(sandbox.ended).toBe(false);
  });

  /** One that has answered, with as few seconds for each reply as this machine needs to start it. */
  async function started(seconds = 1): Promise<{ readonly sandbox: Sandbox<Hostile>; readonly message: string }> {
    const sandbox = start({ seconds });
    const answered = await sandbox.call('say').catch(() => undefined);
    if (answered === undefined) return started(2 * seconds);
    return { sandbox, message: `x.h5: was not read within ${seconds} s; the file is damaged, or split it.` };
  }

  it('stops a parser that does not end', async () => {
    const { sandbox, message } = await started();
    const both = [sandbox.call('loop'), sandbox.call('say')];
    for (const waiting of both) await expect(waiting).rejects.toThrow(message);
    await expect(sandbox.call('say')).rejects.toThrow(message);
    const { sandbox: other, message: told } = await started();
    expect(() => other.callNow('loop')).toThrow(told);
    expect(() => other.callNow('say')).toThrow(told);
  });

  it.each([
    ['fill', 'needs more than 64 MiB of memory to be understood; the file is damaged, or split it.'],
    ['leave', 'cannot be read (its reader stopped); the file is damaged, copy or write it again.'],
    ['trap', 'cannot be read (unreachable); the file is damaged, copy or write it again.'],
  ] as const)('survives a parser that does %s', async (name, problem) => {
    const sandbox = start({ heap: 64 });
    await expect(sandbox.call(name)).rejects.toThrow(new FormatError('x.h5', problem));
    expect(sandbox.ended).toBe(true);
    await expect(sandbox.call('say')).rejects.toThrow(problem);
  });

  it('answers nothing once it is closed', async () => {
    const sandbox = start();
    const waiting = sandbox.call('later', 1000);
    const rejected = expect(waiting).rejects.toThrow('x.h5: is closed; read it while it is open.');
    await sandbox.close();
    await rejected;
  });

  it('keeps the process alive while it is asked something, not longer, and is silent', () => {
    const module = JSON.stringify(fileURLToPath(new URL('./sandbox.ts', import.meta.url)));
    const code = `
      import { Sandbox } from ${module};
      const sandbox = new Sandbox(new URL(${JSON.stringify(parser.href)}), 'x.h5');
      console.log(await sandbox.call('later', 300), await sandbox.call('say'));
    `;
    const tsx = fileURLToPath(import.meta.resolve('tsx'));
    const said = execFileSync(process.execPath, ['--import', tsx, '--input-type=module', '-e', code], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(said).toBe('late said\n');
  });
});
