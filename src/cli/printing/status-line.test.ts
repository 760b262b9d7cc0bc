import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StatusLine } from './status-line.ts';

let written = '';
const { isTTY, columns } = process.stderr;

beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('CI', undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  Object.assign(process.stderr, { isTTY, columns });
});

const atTerminal = (width: number): void => void Object.assign(process.stderr, { isTTY: true, columns: width });

describe('at a terminal', () => {
  test('the longest text that fits is drawn, over what stood there', () => {
    atTerminal(11);
    const status = new StatusLine(false);
    status.draw(['epoch 1/20 loss 1', 'epoch 1/20', 'epoch 1']);
    expect(written).toBe('\x1b[1Gepoch 1/20\x1b[0K');
  });

  test('a text that never fits is cut, and the last column stays free', () => {
    atTerminal(6);
    new StatusLine(false).draw(['epoch 1/20', 'epoch 1']);
    expect(written).toBe('\x1b[1Gepoch\x1b[0K');
  });

  test('a line that stays takes the place of the status', () => {
    atTerminal(80);
    new StatusLine(false).print('epoch 1 done');
    expect(written).toBe('\x1b[1G\x1b[2Kepoch 1 done\n');
  });
});

test.each([
  ['a file', () => Object.assign(process.stderr, { isTTY: false })],
  ['CI', () => vi.stubEnv('CI', 'true')],
  ['a terminal that cannot move its cursor', () => vi.stubEnv('TERM', 'dumb')],
])('to %s only whole lines are written', (_, given) => {
  atTerminal(80);
  given();
  const status = new StatusLine(false);
  status.draw(['epoch 1']);
  status.clear();
  status.print('epoch 1 done');
  expect(written).toBe('epoch 1 done\n');
});

test('quiet, only what is always printed is', () => {
  atTerminal(80);
  const status = new StatusLine(true);
  status.draw(['epoch 1']);
  status.print('epoch 1 done');
  status.print('warning: look', { always: true });
  expect(written).toBe('warning: look\n');
});
