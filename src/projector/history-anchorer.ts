import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AuditLog } from '#libs/audit-log';
import { elapsed, JetStreamConnection } from '#libs/jetstream';
import { forgetUnanchored, readUnanchored, type Database, type UnanchoredBatch } from '#libs/read-models';
import { Logger } from '../platform/logging/logger.ts';
import { DATABASE } from '../read-models/tokens.ts';

/** Batches that are read at once; each holds what ended within milliseconds. */
const MAX_BATCHES = 20;
/** Once woken, it waits so long for what ends meanwhile: a few large entries cost a tenth of many small ones. */
const GATHER_MS = 500;
/** An entry has at most so many histories. */
const MAX_HISTORIES = 500;

/**
 * Writes the digests of histories that are over into the audit of their workspaces. At least once: a row is deleted when
 * its entries are stored, and an anchor that is there twice says the same twice. Woken by what was projected, by the
 * start, and by a connection that is back; never by time.
 */
@Injectable()
export class HistoryAnchorer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isAskedAgain = false;
  readonly #ending = new AbortController();
  #unobserve: () => void = () => undefined;

  constructor(
    private readonly audit: AuditLog,
    private readonly connection: JetStreamConnection,
    private readonly logger: Logger,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  onApplicationBootstrap(): void {
    this.#unobserve = this.connection.observe({ back: () => this.wake() });
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    this.#unobserve();
    await this.#running;
  }

  /** Something may have ended. Returns at once. */
  wake(): void {
    this.#isAskedAgain = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    try {
      while (this.#isAskedAgain && !signal.aborted) {
        await elapsed(GATHER_MS, signal);
        this.#isAskedAgain = false;
        while (!signal.aborted && (await this.#anchorSome()));
      }
    } catch (error) {
      this.logger.warn({ error }, 'ended histories are not in the audit yet; they will be with the next ones');
    } finally {
      // Within the same turn as the last look: whoever wakes it from here on starts it again.
      this.#isRunning = false;
    }
  }

  /** False when there was nothing to do. */
  async #anchorSome(): Promise<boolean> {
    const batches = await readUnanchored(this.database, MAX_BATCHES);
    if (batches.length === 0) return false;
    for (const [workspaceId, histories] of byWorkspace(batches)) {
      for (let first = 0; first < histories.length; first += MAX_HISTORIES) {
        const some = histories.slice(first, first + MAX_HISTORIES);
        await this.audit.append(workspaceId, { kind: 'anchored', action: 'histories.anchored', histories: some });
      }
    }
    await forgetUnanchored(
      this.database,
      batches.map(({ id }) => id),
    );
    return true;
  }
}

type AnchoredHistory = Omit<UnanchoredBatch['histories'][number], 'workspaceId'>;

function byWorkspace(batches: readonly UnanchoredBatch[]): ReadonlyMap<string, readonly AnchoredHistory[]> {
  const found = new Map<string, AnchoredHistory[]>();
  for (const { workspaceId, ...history } of batches.flatMap(({ histories }) => histories)) {
    const known = found.get(workspaceId);
    if (known) known.push(history);
    else found.set(workspaceId, [history]);
  }
  return found;
}
