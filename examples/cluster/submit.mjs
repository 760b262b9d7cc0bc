// Puts the jobs of a plan into the queue: node submit.mjs results 15
import process from 'node:process';
import { Queue } from 'bullmq';

const connection = { host: process.env.REDIS_HOST ?? '127.0.0.1', port: Number(process.env.REDIS_PORT ?? 6379) };
const [plan, count] = process.argv.slice(2);
const queue = new Queue('decalign', { connection });
for (let number = 1; number <= Number(count); number++)
  await queue.add('job', { plan, number }, { jobId: `${plan}-${number}`, attempts: 20, backoff: 30_000 });
await queue.close();
