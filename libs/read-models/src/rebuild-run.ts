import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { elapsed, type JetStreamConnection } from '#libs/jetstream';
import type { BatchProjection } from './batch-projection.ts';
import { findCheckpoints, type Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { OwnPool } from './own-pool.ts';
import type { ProjectionName } from './projections.ts';
import { compareRows, countRows, type Compared } from './rebuild-checksum.ts';
import {
  beginBuilding,
  endRebuild,
  enterPhase,
  noteChecksum,
  type RebuildOrder,
  type RebuildPhase,
} from './rebuild-orders.ts';
import { swapTables } from './rebuild-swap.ts';
import {
  dropRebuildTables,
  homeSchema,
  indexRebuildTables,
  openRebuildTables,
  rebuildSchema,
  tablesOf,
} from './rebuild-tables.ts';
import { digestAt, ensureSameLog, LogRolledBackError } from './same-log.ts';
import { skipTrimmed } from './skip-trimmed.ts';
import { StreamProjector, type ProjectorObserver } from './stream-projector.ts';

export interface RebuildTarget {
  readonly name: ProjectionName;
  readonly streams: readonly string[];
  /** One for each stream, writing there. */
  readonly createProjection: (database: Database) => BatchProjection;
  /** Writes there what the streams hold no more; done again after a crash. */
  readonly fill?: (database: Database, signal: AbortSignal) => Promise<void>;
}

export interface RebuildRunParts {
  readonly connection: JetStreamConnection;
  /** Where live tables are found, and both under their schemas. */
  readonly home: OwnPool;
  /** Where the names of the tables lead to those of the rebuild. */
  readonly side: OwnPool;
  readonly target: RebuildTarget;
  readonly observer: ProjectorObserver;
  /** Ends the work, after the statement that is under way. */
  readonly signal: AbortSignal;
}

/** The order was cancelled, or the process ends. */
export class RebuildEnded extends Error {
  override readonly name = 'RebuildEnded';
}

/** The live one could not be brought level now; it is tried again. */
class NotLevel extends Error {
  override readonly name = 'NotLevel';
}

/** Messages of a batch: of most executions all of them, so that they are written once. */
const BATCH = 2_000;
/** The live projector waits for the rest of the stream to be caught up with no longer than this. */
const HELD_MS = 1_000;
const VACUUM_WITHIN_MS = 3_000;
const BATCH_WITHIN_MS = 500;
/** What came during a pass is left to the next one until so few came that the live one may wait for them. */
const FEW = 500;
/** How often level is tried before it is said that live and rebuilt could not be held against each other. */
const TRIES_TO_COMPARE = 20;
const AGAIN_AFTER_MS = 200;

/**
 * One order from where it is to its end. Every step may be the last of this process: what is done lies in Postgres, and
 * who takes the order up next goes on from there.
 */
export class RebuildRun {
  constructor(
    private readonly parts: RebuildRunParts,
    private readonly order: RebuildOrder,
  ) {}

  async run(): Promise<void> {
    const { home, target } = this.parts;
    await openRebuildTables(home, target.name, this.order.id);
    await this.#enter('building');
    await this.#noteBeginning();
    await this.#catchUp();
    // After the streams: what left them while they were read is there by then.
    await target.fill?.(this.parts.side, this.parts.signal);
    await this.#enter('indexing');
    await indexRebuildTables(home, target.name);
    await this.#enter('comparing');
    await noteChecksum(home, this.order.id, await this.#compare());
    if (this.order.compareOnly) return this.#end();
    await this.#enter('swapping');
    await this.#swap();
  }

  async #enter(phase: RebuildPhase): Promise<void> {
    this.#ensureWanted();
    if (!(await enterPhase(this.parts.home, this.order.id, phase))) throw new RebuildEnded('it was cancelled');
  }

  #ensureWanted(): void {
    if (this.parts.signal.aborted) throw new RebuildEnded('the rebuild was ended');
  }

  async #noteBeginning(): Promise<void> {
    const { home, side, target } = this.parts;
    const checkpoints = new Map(
      (await findCheckpoints(side, target.streams)).map(({ stream, sequence }) => [stream, sequence]),
    );
    const done = (await this.#ends()).map(({ stream, first }) => Math.max(checkpoints.get(stream) ?? 0, first - 1));
    await beginBuilding(
      home,
      this.order.id,
      done.reduce((sum, sequence) => sum + sequence, 0),
    );
  }

  /** Until hardly anything came while it was at it. */
  async #catchUp(): Promise<void> {
    for (let left = Infinity; left > FEW;) {
      const ends = await this.#ends();
      await this.#applyUpTo(ends);
      const later = await this.#ends();
      left = ends.reduce((sum, { sequence }, index) => sum + (later[index]?.sequence ?? sequence) - sequence, 0);
    }
  }

  async #ends(): Promise<StreamEnd[]> {
    const manager = await this.#manager();
    return Promise.all(
      this.parts.target.streams.map(async (stream) => {
        const { state } = await manager.streams.info(stream);
        return { stream, first: state.first_seq, sequence: state.last_seq };
      }),
    );
  }

  async #applyUpTo(ends: readonly Pick<StreamEnd, 'stream' | 'sequence'>[], withinMs?: number): Promise<void> {
    this.#ensureWanted();
    const { connection, side: database, target, observer, signal } = this.parts;
    const waits = { idleMs: 0, busyMs: 0, fill: true } as const;
    const common = { connection, database, observer, waits, batchSize: BATCH };
    const all = ends.map(({ stream, sequence }) => {
      const projection = target.createProjection(database);
      return { sequence, projector: new StreamProjector({ ...common, stream, projection }) };
    });
    const stop = (): void => void Promise.all(all.map(({ projector }) => projector[Symbol.asyncDispose]()));
    signal.addEventListener('abort', stop, { once: true });
    const late = withinMs === undefined ? undefined : setTimeout(stop, withinMs);
    try {
      await Promise.all(all.map(({ projector, sequence }) => projector.applyUpTo(sequence)));
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      stop();
    }
    this.#ensureWanted();
  }

  /** Live and rebuilt at the same checkpoint, in a snapshot: the live one waits until that is taken, and no longer. */
  async #compare(): Promise<Compared> {
    const { home: pool, target } = this.parts;
    for (let tries = 0; tries < TRIES_TO_COMPARE; tries++) {
      using snapshot = await pool.session();
      await snapshot.query('begin isolation level repeatable read read only');
      try {
        await this.#heldLevel({ mustBeEqual: true }, async () => void (await snapshot.query('select now()')));
      } catch (error) {
        if (error instanceof LogRolledBackError) return await this.#notCompared(error.message);
        if (!(await this.#isToTryAgain(error))) throw error;
        continue;
      }
      const [home, trimmedAtMs] = [await homeSchema(snapshot), await this.#trimmedAt()];
      return await compareRows(snapshot, { projection: target.name, home, trimmedAtMs });
    }
    return this.#notCompared('the live one was too far behind to be held against it');
  }

  async #notCompared(reason: string): Promise<Compared> {
    return { rows: await countRows(this.parts.home, this.parts.target.name), checksum: { same: null, reason } };
  }

  async #swap(): Promise<void> {
    const { home: pool, target } = this.parts;
    const [home, trimmedAtMs] = [await homeSchema(pool), await this.#trimmedAt()];
    const swap = { projection: target.name, orderId: this.order.id, home, trimmedAtMs };
    for (;;) {
      await this.#catchUp();
      try {
        await this.#heldLevel({ mustBeEqual: false }, async (within) => {
          if (!(await swapTables(within, swap))) throw new RebuildEnded('it was cancelled');
        });
        return;
      } catch (error) {
        if (!(await this.#isToTryAgain(error))) throw error;
      }
    }
  }

  async #end(): Promise<void> {
    await endRebuild(this.parts.home, this.order.id, { phase: 'done' });
    await dropRebuildTables(this.parts.home, this.parts.target.name);
  }

  /**
   * Does `work` while the live projectors wait and the rebuild is as far as they are (or, if that will do, further). They
   * wait at the lock of their tables, which readers do not. In the same order in which a batch names the tables, so that
   * neither waits for the other.
   */
  async #heldLevel(
    { mustBeEqual }: { readonly mustBeEqual: boolean },
    work: (within: Database) => Promise<void>,
  ): Promise<void> {
    const { connection, home, side, target } = this.parts;
    await home.transaction(async (within) => {
      await this.#hold(within);
      const live = await findCheckpoints(within, target.streams);
      const isOfThisLog = await this.#isOfThisLog(live, mustBeEqual);
      if (isOfThisLog) {
        await this.#applyUpTo(live, HELD_MS);
        await skipTrimmed(connection, live, side);
        this.#ensureLevel(live, await findCheckpoints(side, target.streams), mustBeEqual);
      }
      await work(within);
    });
  }

  /** First without a wait for anybody who writes: a vacuum has to give way, which takes it a second. */
  async #hold(within: Database): Promise<void> {
    const { name } = this.parts.target;
    const live = tablesOf(name).join(', ');
    const rebuilt = tablesOf(name).map((table) => `${rebuildSchema(name)}.${table}`);
    await within.query(`set local lock_timeout = ${VACUUM_WITHIN_MS}`);
    await within.query(`lock table ${live}, ${rebuilt.join(', ')} in share update exclusive mode`);
    await within.query(`set local lock_timeout = ${BATCH_WITHIN_MS}`);
    await within.query(`lock table ${live} in exclusive mode`);
  }

  #ensureLevel(live: readonly Checkpoint[], rebuilt: readonly Checkpoint[], mustBeEqual: boolean): void {
    const reached = new Map(rebuilt.map(({ stream, sequence }) => [stream, sequence]));
    for (const { stream, sequence } of live) {
      const ahead = (reached.get(stream) ?? 0) - sequence;
      if (ahead < 0 || (mustBeEqual && ahead > 0)) throw new NotLevel(`${stream} is ${ahead} messages from level`);
    }
    const lives = new Map(live.map(({ stream, sequence }) => [stream, sequence]));
    if (mustBeEqual && rebuilt.some(({ stream, sequence }) => sequence > (lives.get(stream) ?? 0)))
      throw new NotLevel('the live one has not begun');
  }

  /** Live rows of another log are no measure: the rebuild is what replaces them. */
  async #isOfThisLog(live: readonly Checkpoint[], isToThrow: boolean): Promise<boolean> {
    const manager = await this.#manager();
    try {
      for (const checkpoint of live) {
        const { created, state } = await manager.streams.info(checkpoint.stream);
        const digest = await digestAt(manager, checkpoint);
        ensureSameLog(checkpoint, { created, lastSequence: state.last_seq, digest });
      }
      return true;
    } catch (error) {
      if (isToThrow || !(error instanceof LogRolledBackError)) throw error;
      return false;
    }
  }

  /** When the first message was stored, when the stream has forgotten some. */
  async #trimmedAt(): Promise<number | undefined> {
    const manager = await this.#manager();
    const [stream] = this.parts.target.streams;
    if (stream === undefined) return undefined;
    const { state } = await manager.streams.info(stream);
    return state.first_seq > 1 ? Date.parse(String(state.first_ts)) : undefined;
  }

  /** Waits a moment when the fault ends by itself. */
  async #isToTryAgain(error: unknown): Promise<boolean> {
    const isBusy = error instanceof Error && 'code' in error && BUSY.includes(error.code);
    if (!isBusy && !(error instanceof NotLevel)) return false;
    this.#ensureWanted();
    await elapsed(AGAIN_AFTER_MS, this.parts.signal);
    return true;
  }

  #manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.parts.connection.client, { checkAPI: false });
  }
}

/** SQLSTATEs: a lock was not to be had in time, or two waited for each other. */
const BUSY: readonly unknown[] = ['55P03', '40P01'];

interface StreamEnd {
  readonly stream: string;
  readonly first: number;
  readonly sequence: number;
}
