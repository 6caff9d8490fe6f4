import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const hasProc = existsSync('/proc/self/stat');

/**
 * What tells this process from every other that ever had its pid: the boot and the instant of its start. Undefined when
 * there is no such process, or only its zombie (a container's first process may never reap it).
 */
export function identityOf(pid: number): string | undefined {
  return hasProc ? identityFromProc(pid) : identityFromPs(pid);
}

/**
 * The processes whose command line holds `/signature`, e.g. `nats-server -c /data/nats/nats-server.conf`. Asking the
 * process table finds those too whose pid file was never written or is gone.
 */
export function findProcesses(signature: string): number[] {
  return commandLines()
    .filter(({ line }) => `${line} `.includes(`/${signature} `))
    .map(({ pid }) => pid);
}

function identityFromProc(pid: number): string | undefined {
  const stat = tryRead(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the name in brackets and may hold anything; what follows the last bracket starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return undefined;
  return `${tryRead('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${startTicks ?? ''}`;
}

function identityFromPs(pid: number): string | undefined {
  const [state, ...start] = ps(['-o', 'stat=,lstart=', '-p', String(pid)])
    .trim()
    .split(/\s+/);
  return !state || state.startsWith('Z') ? undefined : start.join(' ');
}

function commandLines(): { pid: number; line: string }[] {
  if (!hasProc) {
    return ps(['-axww', '-o', 'pid=,command='])
      .split('\n')
      .map((row) => /^\s*(\d+)\s+(.*)$/.exec(row))
      .flatMap((match) => (match ? [{ pid: Number(match[1]), line: match[2] ?? '' }] : []));
  }
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), line: (tryRead(`/proc/${entry}/cmdline`) ?? '').split('\0').join(' ') }));
}

function ps(options: readonly string[]): string {
  return spawnSync('ps', options, { encoding: 'utf8' }).stdout;
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // the process ended while we looked
  }
}
