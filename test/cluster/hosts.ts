/** Machines of their own names and networks on this one: network namespaces on a bridge, each with a server of ssh. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Why there can be no such machines here; undefined where there can. */
export function whyNoHosts(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces are made as root alone';
  const missing = ['/usr/sbin/sshd', '/usr/bin/ssh', '/usr/bin/ssh-keygen', '/usr/sbin/ip'].filter(
    (program) => spawnSync(program, ['--help']).error !== undefined,
  );
  if (missing.length > 0) return `${missing.join(', ')} not found (Debian: openssh-server, openssh-client, iproute2)`;
  const name = `decalign${process.pid}`;
  const tried = [
    ['ip', 'netns', 'add', name],
    ['ip', '-n', name, 'link', 'add', 'bridge', 'type', 'bridge'],
    ['ip', '-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other'],
    ['ip', 'netns', 'exec', name, 'unshare', '--uts', 'sh', '-c', 'hostname hosta'],
  ];
  const refused = tried.find(([program, ...args]) => spawnSync(program!, args).status !== 0);
  spawnSync('ip', ['netns', 'delete', name]);
  return refused && `${refused.join(' ')} is not allowed here`;
}

export interface Hosts {
  /** In the order of their names, `hosta` and so on. */
  readonly addresses: readonly string[];
  /** What a call on the first host begins with. */
  readonly first: readonly string[];
  /** Options of mpirun by which it reaches the others. */
  readonly options: readonly string[];
  /** Takes a host's cable out. */
  readonly unplug: (host: number) => void;
  /** Ends all processes of a host but its server of ssh. */
  readonly clear: (host: number) => void;
  readonly stop: () => void;
}

const run = (program: string, ...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
};

/** Starts so many hosts, `hosta` and so on. */
export async function startHosts(count: number): Promise<Hosts> {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-hosts-'));
  const at = (name: string): string => path.join(folder, name);
  const own = (name: string): string => `d${process.pid}${name}`;
  const names = Array.from({ length: count }, (_, i) => `host${'abcdefgh'[i]!}`);
  const addresses = names.map((_, i) => `10.77.0.${i + 1}`);
  const inside = (name: string, ...call: readonly string[]): string[] => ['ip', 'netns', 'exec', own(name), ...call];
  const daemons: ChildProcess[] = [];
  const processesOf = (name: string): string[] =>
    spawnSync('ip', ['netns', 'pids', own(name)], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean);
  const clear = (host: number): void => {
    for (const pid of processesOf(names[host]!)) if (pid !== String(daemons[host]!.pid)) spawnSync('kill', ['-9', pid]);
  };
  const stop = (): void => {
    for (const daemon of daemons) daemon.kill('SIGKILL');
    for (const name of [...names, 'switch']) {
      for (const pid of processesOf(name)) spawnSync('kill', ['-9', pid]);
      spawnSync('ip', ['netns', 'delete', own(name)]);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    run('ip', 'netns', 'add', own('switch'));
    run('ip', '-n', own('switch'), 'link', 'add', 'bridge', 'type', 'bridge');
    run('ip', '-n', own('switch'), 'link', 'set', 'bridge', 'up');
    for (const [i, name] of names.entries()) {
      run('ip', 'netns', 'add', own(name));
      run(
        'ip',
        'link',
        'add',
        'eth0',
        'netns',
        own(name),
        'type',
        'veth',
        'peer',
        'name',
        name,
        'netns',
        own('switch'),
      );
      run('ip', '-n', own('switch'), 'link', 'set', name, 'master', 'bridge');
      run('ip', '-n', own('switch'), 'link', 'set', name, 'up');
      run('ip', '-n', own(name), 'addr', 'add', `${addresses[i]!}/24`, 'dev', 'eth0');
      for (const link of ['eth0', 'lo']) run('ip', '-n', own(name), 'link', 'set', link, 'up');
    }
    for (const key of ['key', 'hostkey']) run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', at(key));
    const server = [`HostKey ${at('hostkey')}`, `AuthorizedKeysFile ${at('key.pub')}`, 'StrictModes no', 'UsePAM no'];
    writeFileSync(at('sshd_config'), [...server, 'PermitRootLogin prohibit-password', 'PidFile none', ''].join('\n'));
    const client = [`IdentityFile ${at('key')}`, 'StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null'];
    writeFileSync(at('ssh_config'), ['Host *', ...client, 'LogLevel ERROR', ''].join('\n'));
    mkdirSync('/run/sshd', { recursive: true });
    // A space of names of its own makes each another machine to the processes on it.
    const named = (name: string): string[] => ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', name];
    for (const name of names) {
      const call = [...inside(name), ...named(name), '/usr/sbin/sshd', '-D', '-f', at('sshd_config')];
      daemons.push(spawn(call[0]!, call.slice(1), { stdio: 'ignore' }));
    }
    for (const address of addresses) await reached(inside(names[0]!), at('ssh_config'), address);
    const network = '10.77.0.0/24';
    return {
      ...{ addresses, clear, stop },
      first: [...inside(names[0]!), ...named(names[0]!)],
      options: [
        ...['--mca', 'plm_rsh_agent', `ssh -F ${at('ssh_config')}`, '--mca', 'btl', 'tcp,self'],
        ...['--mca', 'btl_tcp_if_include', network, '--mca', 'oob_tcp_if_include', network],
      ],
      unplug: (host) => run('ip', '-n', own('switch'), 'link', 'set', names[host]!, 'down'),
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Waits until a host lets us in. */
async function reached(inside: readonly string[], config: string, address: string): Promise<void> {
  for (const end = Date.now() + 60_000; ;) {
    const call = [...inside, 'ssh', '-F', config, address, 'true'];
    const { status, stderr } = spawnSync(call[0]!, call.slice(1), { encoding: 'utf8' });
    if (status === 0) return;
    if (Date.now() > end) throw new Error(`${address} is not reached: ${stderr}`);
    await setTimeout(100);
  }
}
