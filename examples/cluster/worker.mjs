// A worker of a queue (npm install bullmq ioredis), one on each machine or core: node worker.mjs. It starts a process for a job, and
// tells TERM on.
import { spawn } from 'node:child_process';
import console from 'node:console';
import process from 'node:process';
import { Worker } from 'bullmq';

const connection = { host: process.env.REDIS_HOST ?? '127.0.0.1', port: Number(process.env.REDIS_PORT ?? 6379) };

const run = ({ data: { plan, number } }) =>
  new Promise((done, failed) => {
    const child = spawn('decalign', ['job', plan, String(number), '--quiet'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const stop = () => child.kill();
    process.on('SIGTERM', stop);
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    child.on('error', failed);
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      // The queue tries again what is thrown.
      if (code === 0) done();
      else failed(new Error(said.trim().split('\n').at(-1)));
    });
  });

// A worker that dies is noticed within two intervals, and its job given to another: more often than once is no harm.
const worker = new Worker('decalign', run, { connection, stalledInterval: 30_000, maxStalledCount: 10 });
worker.on('completed', ({ data }) => console.log(`job ${data.number} is done`));
worker.on('failed', (job, { message }) => console.log(`job ${job?.data.number} failed: ${message}`));
process.on('SIGTERM', () => void worker.close().then(() => process.exit()));
