/** A cluster of Slurm's on this machine: its own munge, a controller, and nodes of one core each, in a folder of its own. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { whyNoMpi } from './mpirun.ts';
import { environmentOf, processes } from './processes.ts';

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'scontrol', 'setpriv'] as const;
const isThere = (program: string): boolean =>
  ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')].some((folder) => {
    try {
      return readdirSync(folder).includes(program);
    } catch {
      return false;
    }
  });

/** Why there can be no cluster on this machine; undefined where there can. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'the daemons of Slurm start as root alone';
  const missing = programs.filter((program) => !isThere(program));
  return missing.length > 0 ? `${missing.join(', ')} not found (Debian: slurm-wlm)` : undefined;
}

/** Why srun cannot start ranks by PMIx here; undefined where it can. */
export function whyNoPmix(): string | undefined {
  const libraries = readdirSync('/usr/lib').map((folder) => `/usr/lib/${folder}/pmix2/lib/libpmix.so`);
  if (libraries.some((file) => existsSync(file))) return whyNoMpi();
  return 'the library that Slurm looks for is not there (Debian: libpmix-dev)';
}

export interface Slurm {
  /** Its nodes, `n1` and so on. */
  readonly nodes: readonly string[];
  /** Runs a program of Slurm's, and returns what it prints. Throws an Error with what it says where it fails. */
  readonly call: (program: string, args: readonly string[], cwd?: string) => Promise<string>;
  /** Ends the daemon of a node, and processes of it that are named, as a power cut does. */
  readonly killNode: (node: string, processes: readonly number[]) => void;
  /** Waits until `look` finds something, and returns that. Throws an Error with the state of the cluster where it does not. */
  readonly until: <T>(what: string, look: () => T | undefined | Promise<T | undefined>) => Promise<T>;
  /** Ends all that was started in it, and removes its folder. */
  readonly stop: () => Promise<void>;
}

/** Seconds after which only what hangs has not happened. */
const deadline = 1200;

/** Starts a cluster, and waits until its nodes take jobs. */
export async function startSlurm(count: number): Promise<Slurm> {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-slurm-'));
  const at = (...names: string[]): string => path.join(folder, ...names);
  // Munge trusts no socket that others cannot reach.
  chmodSync(folder, 0o755);
  for (const name of ['state', 'spool', 'logs']) mkdirSync(at(name));
  writeFileSync(at('munge.key'), randomBytes(128), { mode: 0o600 });
  const nodes = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  const [controller, ...ports] = await freePorts(count + 1);
  const ownNames = spawnSync('unshare', ['--uts', 'true']).status === 0;
  const lines = nodes.map(
    (node, i) =>
      `NodeName=${node} NodeHostname=${ownNames ? node : hostname()} NodeAddr=127.0.0.1 Port=${ports[i]!} CPUs=1`,
  );
  writeFileSync(at('slurm.conf'), configuration(at, controller!, lines));
  const env = { ...process.env, SLURM_CONF: at('slurm.conf'), PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

  const daemons = new Map<string, number>();
  const start = (name: string, call: readonly string[]): void => {
    // Where this process is killed, its daemons go too.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...call], { env, stdio: 'ignore' });
    child.on('error', () => undefined);
    if (child.pid !== undefined) daemons.set(name, child.pid);
  };
  const files = { socket: 'munge.socket', 'key-file': 'munge.key', 'pid-file': 'munge.pid', 'seed-file': 'munge.seed' };
  const named = Object.entries({ ...files, 'log-file': 'logs/munge' }).map(([flag, name]) => `--${flag}=${at(name)}`);
  start('munged', ['munged', '--foreground', '--force', ...named]);
  start('slurmctld', ['slurmctld', '-D']);
  // A node of a name of its own is another machine to the processes on it.
  const renamed = (node: string): string[] =>
    ownNames ? ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', node] : [];
  for (const node of nodes) start(node, [...renamed(node), 'slurmd', '-D', '-N', node]);

  const call: Slurm['call'] = async (program, args, cwd) => {
    try {
      return (await promisify(execFile)(program, args, { env, cwd })).stdout;
    } catch (error) {
      throw new Error(`${program} ${args.join(' ')}: ${(error as { readonly stderr: string }).stderr}`, {
        cause: error,
      });
    }
  };
  const until: Slurm['until'] = async (what, look) => {
    for (const end = Date.now() + 1000 * deadline; Date.now() < end;) {
      const found = await look();
      if (found !== undefined) return found;
      await setTimeout(100);
    }
    const told = async (program: string, args: readonly string[]): Promise<string> =>
      call(program, args).catch((error: unknown) => String(error));
    throw new Error(
      `Not in ${deadline} s: ${what}.\n${await told('sinfo', ['-N'])}\n${await told('scontrol', ['show', 'jobs', '-o'])}`,
    );
  };
  const killNode: Slurm['killNode'] = (node, processes) => {
    for (const pid of [daemons.get(node)!, ...processes]) process.kill(pid, 'SIGKILL');
  };
  const stop = async (): Promise<void> => {
    for (let left = own(); left.length > 0; left = own()) {
      for (const pid of left) kill(pid);
      await setTimeout(50);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  /** All processes whose environment is of this cluster, those of its jobs too. */
  const own = (): number[] => processes().filter((pid) => environmentOf(pid).get('SLURM_CONF') === env.SLURM_CONF);

  try {
    await until('nodes are idle', async () => {
      const told = await call('sinfo', ['-h', '-N', '-o', '%T']).catch(() => '');
      return (
        told
          .trim()
          .split('\n')
          .filter((state) => state === 'idle').length === count || undefined
      );
    });
    return { nodes, call, killNode, until, stop };
  } catch (error) {
    const said = readdirSync(at('logs')).map((name) => `${name}:\n${readFileSync(at('logs', name), 'utf8')}`);
    await stop();
    throw new Error(`The cluster did not start.\n${said.join('\n')}`, { cause: error });
  }
}

/** Times are short: of a node that is silent, and until a job that is put back is started again (the life of a credential). */
const configuration = (at: (...names: string[]) => string, port: number, nodes: readonly string[]): string =>
  [
    `ClusterName=test`,
    `SlurmctldHost=${hostname()}(127.0.0.1)`,
    `SlurmctldPort=${port}`,
    `SlurmUser=root`,
    `SlurmdUser=root`,
    `AuthType=auth/munge`,
    `AuthInfo=socket=${at('munge.socket')},cred_expire=5`,
    `CryptoType=crypto/munge`,
    `MpiDefault=none`,
    `ProctrackType=proctrack/linuxproc`,
    `TaskPlugin=task/none`,
    `JobAcctGatherType=jobacct_gather/none`,
    `SelectType=select/cons_tres`,
    `SelectTypeParameters=CR_Core`,
    `SlurmdParameters=config_overrides`,
    `ReturnToService=2`,
    `JobRequeue=1`,
    `SchedulerParameters=batch_sched_delay=1,sched_interval=1,bf_interval=1`,
    `SlurmctldTimeout=30`,
    `SlurmdTimeout=15`,
    `MessageTimeout=10`,
    `KillWait=5`,
    `StateSaveLocation=${at('state')}`,
    `SlurmdSpoolDir=${at('spool', '%n')}`,
    `TmpFS=${at('spool')}`,
    `SlurmctldPidFile=${at('slurmctld.pid')}`,
    `SlurmdPidFile=${at('%n.pid')}`,
    `SlurmctldLogFile=${at('logs', 'slurmctld')}`,
    `SlurmdLogFile=${at('logs', '%n')}`,
    ...nodes,
    `PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP`,
    '',
  ].join('\n');

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) server.listen(0, '127.0.0.1');
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
