import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All that a process has started, and those in turn. Servers of ours lead groups of their own, and still have their parent. */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = runningProcesses();
  const childrenOf = (parent: number): RunningProcess[] => all.filter((one) => one.parent === parent);
  const found = childrenOf(pid);
  for (const one of found) found.push(...childrenOf(one.pid));
  return found;
}

/** Those of `pids` that run; a zombie does not. */
export function stillRunning(pids: readonly number[]): number[] {
  const running = new Set(runningProcesses().map((one) => one.pid));
  return pids.filter((pid) => running.has(pid));
}

function runningProcesses(): RunningProcess[] {
  const rows = existsSync('/proc/self/stat') ? rowsFromProc() : rowsFromPs();
  return rows.filter(({ state }) => !/^[ZX]/.test(state)).map(({ pid, parent, command }) => ({ pid, parent, command }));
}

type Row = RunningProcess & { readonly state: string };

function rowsFromProc(): Row[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        // The name in brackets may hold anything; what follows the last bracket is state and parent.
        const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').join(' ');
        return [{ pid: Number(entry), parent: Number(parent), state, command }];
      } catch {
        return []; // it ended while we looked
      }
    });
}

function rowsFromPs(): Row[] {
  return execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' })
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row))
    .flatMap((match) =>
      match
        ? [{ pid: Number(match[1]), parent: Number(match[2]), state: match[3] ?? '', command: match[4] ?? '' }]
        : [],
    );
}
