import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EmbeddedServerError } from './errors.ts';
import { identityOf } from './process-table.ts';

export interface DataDirLock extends AsyncDisposable {
  /** Lets the next process in; again: no effect. */
  release(): Promise<void>;
}

const holderSchema = z.object({ pid: z.int(), identity: z.string(), since: z.string(), released: z.boolean() });
type Holder = z.infer<typeof holderSchema>;

const NAME = /^lock\.(\d+)$/;

/**
 * Takes the data directory for this process. Throws DATA_DIR_IN_USE, naming the pid, while another one has it; a lock
 * whose holder was killed is taken over.
 *
 * The lock is the file `lock.<turn>` with the highest turn, and turns only rise: to take over is to create the next one,
 * which the file system grants to one process. Removing a dead holder's file instead, and then creating it anew, would
 * let a third process remove the file of a second one that was faster. The highest file is never removed, only marked as
 * released; who created a lower one than the highest has lost.
 */
export async function lockDataDir(wantedDir: string): Promise<DataDirLock> {
  mkdirSync(wantedDir, { recursive: true, mode: 0o711 });
  const dataDir = realpathSync(wantedDir);
  for (;;) {
    const last = lastTurn(dataDir);
    if (last > 0) refuseIfHeld(dataDir, last);
    const mine = last + 1;
    if (tryTakeTurn(dataDir, mine)) return heldLock(dataDir, mine);
  }
}

function heldLock(dataDir: string, turn: number): DataDirLock {
  const release = async (): Promise<void> => {
    writeHolder(dataDir, turn, { ...thisProcess(), released: true });
  };
  return { release, [Symbol.asyncDispose]: release };
}

function refuseIfHeld(dataDir: string, turn: number): void {
  const holder = tryReadHolder(dataDir, turn);
  if (!holder || holder.released || identityOf(holder.pid) !== holder.identity) return;
  throw new EmbeddedServerError(
    'DATA_DIR_IN_USE',
    `the data directory ${dataDir} is in use by process ${holder.pid}, which started at ${holder.since}. ` +
      'Stop that process first, or give this one a directory of its own with MILLRACE_DATA_DIR.',
  );
}

/** Creates the file with its content in one step, so that nobody reads a half-written one. */
function tryTakeTurn(dataDir: string, turn: number): boolean {
  const draft = writeDraft(dataDir, { ...thisProcess(), released: false });
  try {
    linkSync(draft, lockFile(dataDir, turn));
  } catch (error) {
    if (isFileExistsError(error)) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const turns = turnsIn(dataDir);
  const lost = turns.some((other) => other > turn);
  for (const done of lost ? [turn] : turns.filter((other) => other < turn)) {
    rmSync(lockFile(dataDir, done), { force: true });
  }
  return !lost;
}

function isFileExistsError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST';
}

function writeHolder(dataDir: string, turn: number, holder: Holder): void {
  renameSync(writeDraft(dataDir, holder), lockFile(dataDir, turn));
}

function writeDraft(dataDir: string, holder: Holder): string {
  const draft = join(dataDir, `lock-draft.${process.pid}`);
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  return draft;
}

function tryReadHolder(dataDir: string, turn: number): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(lockFile(dataDir, turn), 'utf8')));
  } catch {
    return undefined; // a faster process has cleared it away; or a host crash emptied it, and killed its holder too
  }
}

function thisProcess(): Omit<Holder, 'released'> {
  const since = new Date(Date.now() - process.uptime() * 1000).toISOString();
  return { pid: process.pid, identity: identityOf(process.pid) ?? '', since };
}

function lastTurn(dataDir: string): number {
  return Math.max(0, ...turnsIn(dataDir));
}

function turnsIn(dataDir: string): number[] {
  return readdirSync(dataDir).flatMap((name) => {
    const turn = NAME.exec(name)?.[1];
    return turn === undefined ? [] : [Number(turn)];
  });
}

function lockFile(dataDir: string, turn: number): string {
  return join(dataDir, `lock.${turn}`);
}
