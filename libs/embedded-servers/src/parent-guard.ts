import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// Reads until the pipe is closed, so that nothing written by mistake ends it early.
const SCRIPT = 'while read -r _; do :; done; kill -s "$0" "$1" 2>/dev/null';

/** How the guard of a process looks in the process table, up to its arguments' end. */
export function guardSignature(pid: number, signal: NodeJS.Signals): string {
  return ['sh', ...guardArgs(pid, signal)].join(' ');
}

/**
 * Ends a process when ours ends, however that happens: a shell waits at a pipe that the kernel closes with us, even
 * after kill -9. Returns the way to dismiss it, for when the process has ended.
 */
export function endWithUs(pid: number, signal: NodeJS.Signals): () => void {
  const guard = spawn('/bin/sh', guardArgs(pid, signal), {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // a Ctrl-C at the terminal is for us; the guard stays until we are gone
  });
  // Without a guard the server is still found and ended by the next start.
  guard.once('error', () => undefined);
  guard.unref();
  (guard.stdin as Socket).unref();
  return () => {
    guard.kill('SIGKILL');
  };
}

function guardArgs(pid: number, signal: NodeJS.Signals): string[] {
  return ['-c', SCRIPT, signal.replace('SIG', ''), String(pid)];
}
