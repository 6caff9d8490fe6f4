import { elapsed, type JetStreamConnection } from '#libs/jetstream';
import type { Database } from './database.ts';
import { OwnPool } from './own-pool.ts';
import type { ParkedEvent } from './parked-events.ts';
import { endRebuild, findOpenRebuild, noteTrouble, type RebuildOrder } from './rebuild-orders.ts';
import { RebuildEnded, RebuildRun, type RebuildTarget } from './rebuild-run.ts';
import { dropRebuildTables, hasRebuildTables, homeSchema, rebuildSchema } from './rebuild-tables.ts';
import { LogRolledBackError } from './same-log.ts';

export interface RebuilderObserver {
  /** It is tried again. */
  failed(order: RebuildOrder, error: unknown): void;
  ended(order: RebuildOrder): void;
  applied(stream: string, size: number): void;
  parked(event: ParkedEvent): void;
}

export interface ProjectionRebuilderParts {
  readonly connection: JetStreamConnection;
  /** Where orders are looked for. */
  readonly database: Database;
  /** Of the same Postgres, for connections of its own while there is something to do. */
  readonly url: string;
  readonly target: RebuildTarget;
  readonly observer: RebuilderObserver;
}

interface Work {
  /** Where live tables are found, and both under their schemas. */
  readonly home: OwnPool;
  /** Where the names of the tables lead to those of the rebuild. */
  readonly side: OwnPool;
  /** The process ends, or somebody else may have the lock. */
  readonly abort: AbortSignal;
}

const AGAIN_AFTER_MS = 1_000;
/** First half of the advisory locks, any number that nobody else uses; the second is of the projection. */
const LOCKS = 716_211_703;
/** What Postgres will say again however often it is asked: no permission, or something depends on the tables. */
const FOR_GOOD = /^(42|2B|0A)/;

/**
 * Carries out the orders to rebuild one projection. Of several projectors one does it, which holds a lock of Postgres; the
 * others wait at the lock, and the next one goes on when that one is gone.
 */
export class ProjectionRebuilder implements AsyncDisposable {
  readonly #ended = new AbortController();
  #working: Promise<void> | undefined;
  #isToLookAgain = false;
  #run: { readonly orderId: string; readonly abort: AbortController } | undefined;

  constructor(private readonly parts: ProjectionRebuilderParts) {}

  /** There may be an order, or one may be over: to be called at the start, when told, and when it may not have been. */
  wake(): void {
    this.#isToLookAgain = true;
    if (this.#working) void this.#endWhatIsOver().catch(() => undefined);
    else this.#working = this.#work().finally(() => (this.#working = undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { signal } = this.#ended;
    while (this.#isToLookAgain && !signal.aborted) {
      this.#isToLookAgain = false;
      try {
        if (await this.#isSomethingToDo()) await this.#workUnderLock();
      } catch {
        // Postgres is away: what is to do is still there when it is back.
        this.#isToLookAgain = true;
        await elapsed(AGAIN_AFTER_MS, signal);
      }
    }
  }

  async #isSomethingToDo(): Promise<boolean> {
    const { database, target } = this.parts;
    const order = await findOpenRebuild(database, target.name);
    return order !== undefined || (await hasRebuildTables(database, target.name));
  }

  async #workUnderLock(): Promise<void> {
    const { url, target } = this.parts;
    const { signal } = this.#ended;
    await using home = new OwnPool({ url, max: 4 });
    const schemas = [rebuildSchema(target.name), await homeSchema(home)];
    await using side = new OwnPool({ url, schemas, max: target.streams.length + 1 });
    const lockLost = new AbortController();
    using lock = await home.session(() => lockLost.abort());
    const abort = AbortSignal.any([signal, lockLost.signal]);
    const interrupt = (): void => {
      home.interrupt();
      side.interrupt();
    };
    abort.addEventListener('abort', interrupt, { once: true });
    try {
      await lock.query(`select pg_advisory_lock(${LOCKS}, hashtext($1))`, [target.name]);
      while (!abort.aborted && (await this.#workAlone({ home, side, abort })));
    } finally {
      abort.removeEventListener('abort', interrupt);
    }
  }

  /** Whether there may be another order. */
  async #workAlone(work: Work): Promise<boolean> {
    const { target, observer } = this.parts;
    const order = await findOpenRebuild(work.home, target.name);
    if (!order) {
      await dropRebuildTables(work.home, target.name);
      return false;
    }
    try {
      await this.#carryOut(order, work);
      observer.ended(order);
    } catch (error) {
      await this.#takeFault(order, error, work);
    }
    return true;
  }

  async #carryOut(order: RebuildOrder, { home, side, abort }: Work): Promise<void> {
    const { connection, target, observer } = this.parts;
    const own = new AbortController();
    this.#run = { orderId: order.id, abort: own };
    const ofStreams = {
      applied: (stream: string, { size }: { readonly size: number }) => observer.applied(stream, size),
      failed: () => undefined,
      parked: (event: ParkedEvent) => observer.parked(event),
    };
    const signal = AbortSignal.any([own.signal, abort]);
    try {
      await new RebuildRun({ connection, home, side, target, observer: ofStreams, signal }, order).run();
    } finally {
      this.#run = undefined;
    }
  }

  async #takeFault(order: RebuildOrder, error: unknown, { home, abort }: Work): Promise<void> {
    if (error instanceof RebuildEnded || abort.aborted) return;
    this.parts.observer.failed(order, error);
    const text = error instanceof Error ? error.message : String(error);
    // Its own rows are of a log that is gone: it begins anew with the one that is there.
    if (error instanceof LogRolledBackError) await dropRebuildTables(home, this.parts.target.name);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (FOR_GOOD.test(code)) await endRebuild(home, order.id, { phase: 'failed', error: text });
    else await noteTrouble(home, order.id, text);
    await elapsed(AGAIN_AFTER_MS, abort);
  }

  async #endWhatIsOver(): Promise<void> {
    const { database, target } = this.parts;
    const run = this.#run;
    if (!run) return;
    const order = await findOpenRebuild(database, target.name);
    if (order?.id !== run.orderId) run.abort.abort();
  }
}
