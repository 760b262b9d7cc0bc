/**
 * Loaded into a process before its program (`node --import`): counts what it does to files, and at one of these calls
 * kills it, sends it a signal or lets it fail. DECALIGN_FAULT says which:
 *
 *   SIGKILL@7   the 7th call kills; if it is a write, half of the bytes are written before
 *   SIGINT@7    the process gets that signal at its 7th call, and goes on; so with SIGTERM, and both by SIGINT+SIGTERM
 *   PARENT@7    at the 7th call of a process that was forked, the one that forked it is killed
 *   SIGSTOP@7   it says "stopped" on stderr at its 7th call, and sleeps
 *   ENOSPC@7    from the 7th call on nothing can be opened for writing, written or made durable: the disk is full
 *   EIO@7       the 7th call fails, whichever it is, and the later ones do not
 *
 * Curves and progress are many writes that nothing rests on, progress as many as seconds have passed: they are not counted,
 * but fail on a full disk like all others.
 * With DECALIGN_CALLS=FILE, how many calls there were is written there at the end.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const [fault, position] = (process.env['DECALIGN_FAULT'] ?? 'none@0').split('@');
const at = Number(position);
const signals = fault.startsWith('SIG') && fault !== 'SIGKILL' ? fault.split('+') : [];
const goesOn = ['none', 'PARENT'].includes(fault) || signals.length > 0;
const growing = ['openSync', 'mkdirSync', 'writeSync', 'fsyncSync'];
const uncounted = new Set();
const write = fs.writeSync;
let calls = 0;

for (const name of [...growing, 'ftruncateSync', 'renameSync', 'rmSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (name === 'openSync' && !/[wa+]/.test(String(args[1] ?? 'r'))) {
      const descriptor = original(...args);
      // The number of a file that was closed is given again.
      uncounted.delete(descriptor);
      return descriptor;
    }
    const counts = !uncounted.has(args[0]) && !String(args[0]).includes('progress.json');
    if (counts) calls++;
    const now = fault === 'ENOSPC' ? calls >= at && growing.includes(name) : counts && calls === at;
    if (now && fault === 'SIGSTOP') write(2, 'stopped\n');
    if (now) for (const signal of signals) process.kill(process.pid, signal);
    if (now && fault === 'PARENT' && process.send) process.kill(process.ppid, 'SIGKILL');
    if (!now || goesOn) {
      const result = original(...args);
      if (name === 'openSync') uncounted[/tfevents|progress\.json/.test(String(args[0])) ? 'add' : 'delete'](result);
      return result;
    }
    if (name === 'writeSync') {
      const [descriptor, bytes, from = 0] = args;
      original(descriptor, bytes, from, Math.floor((bytes.length - from) / 2));
    }
    if (fault === 'SIGKILL') process.kill(process.pid, 'SIGKILL');
    throw Object.assign(new Error(`${fault}: injected, ${name}`), { code: fault });
  };
}
syncBuiltinESMExports();

const file = process.env['DECALIGN_CALLS'];
if (file) process.on('exit', () => fs.writeFileSync(file, String(calls)));
