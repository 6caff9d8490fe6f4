import { DeliverPolicy } from '@nats-io/jetstream';
import { elapsed, StreamFollower, StreamMissingError, type JetStreamConnection } from '#libs/jetstream';
import { toInstant, type Clock, type Instant, type JsonObject } from '#libs/kernel';
import { Bell } from './bell.ts';
import {
  LeaseEntry,
  LEASES_STREAM,
  LEASES_SUBJECT_PREFIX,
  NOTHING,
  openLeases,
  readLeaseEntry,
  type FoundLease,
} from './lease-entry.ts';
import { timesOf, type LeaseTimes } from './lease-times.ts';
import { storedLeaseIn } from './stored-lease.ts';

/** Resigned by itself, for good or as it is not fit; not renewed in time; or the entry is another's, or was removed. */
export type LeaseLoss = 'resigned' | 'expired' | 'taken';

/** Must not throw. */
export interface LeaseObserver {
  acquired(token: number): void;
  /** Told once for each `acquired`, before anybody else is told that it is theirs. */
  lost(reason: LeaseLoss): void;
  /** The bucket could not be read, written or followed though NATS is connected; it is tried again. */
  fault(error: unknown): void;
}

export interface LeaseOptions {
  /** What is held, e.g. `scheduler`; letters, digits, dash and underscore. */
  readonly key: string;
  /** Whole seconds; see `leaseTtlMs`. */
  readonly ttlMs: number;
  /** Who holds it; no two have the same name, also not one after the other. */
  readonly holder: string;
  /** What the holder tells of its work, asked anew with each renewal. */
  readonly describe: () => JsonObject;
  readonly replicas: number;
  /** Says since when it is held; nothing else follows from it. */
  readonly clock: Clock;
  /** Milliseconds of a clock that never goes back and goes on while the process is frozen. */
  readonly monotonicMs: () => number;
  /**
   * Whether the holder can do the work; asked before it is taken and before each renewal. Who can't resigns, and does not
   * take it until it can. Default: always.
   */
  readonly isFit?: () => boolean;
  readonly observer: LeaseObserver;
}

interface Term {
  readonly token: number;
  readonly since: Instant;
  revision: number;
  /** When the last write that was acknowledged was sent. */
  sentMs: number;
  /** Whether the entry may be another one than that of `revision`: then it is read before it is written. */
  isDoubtful: boolean;
}

const AGAIN_AFTER_MS = 250;
const FIT_AGAIN_LOOK_MS = 1_000;

/**
 * What only one process at a time does: whoever holds the lease does it, the others wait to take it over. The server's
 * clock ends a lease that is not renewed, the holder's own clock ends it before that; so two never act at once, as long
 * as their clocks run equally fast, and `token` is asked before each act. Who needs more than that hands the token on.
 *
 * One loop does all that is sent, one thing at a time: it takes the lease, or waits until it is free, or renews it. The
 * bell wakes it; news only ring, and what is true is read from the stream's leader or found by compare and set.
 */
export class Lease implements AsyncDisposable {
  readonly #times: LeaseTimes;
  readonly #bell = new Bell();
  readonly #entry: LeaseEntry;
  readonly #follower: StreamFollower;
  readonly #unobserve: () => void;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  #term: Term | undefined;
  #deadline: NodeJS.Timeout | undefined;

  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: LeaseOptions,
  ) {
    this.#times = timesOf(options.ttlMs);
    this.#entry = new LeaseEntry(connection, { key: options.key, ...this.#times });
    this.#unobserve = connection.observe({ back: () => this.#bell.ring() });
    this.#follower = this.#follow();
    this.#running = this.#run();
  }

  /** Tries at once and for as long as it lives. */
  static async open(connection: JetStreamConnection, options: LeaseOptions): Promise<Lease> {
    await openLeases(connection, options.replicas);
    return new Lease(connection, options);
  }

  /**
   * The fencing token: grows with each acquisition, whoever's it is. Undefined when the lease is not held, or not surely,
   * by the holder's own clock; also right after the process was frozen, before anything else has run.
   */
  get token(): number | undefined {
    return this.#term && !this.#isOver(this.#term) ? this.#term.token : undefined;
  }

  /** To be called when the holder may be fit again, or no more. */
  reconsider(): void {
    this.#bell.ring();
  }

  /** Resigns: another one has it within milliseconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    this.#lose('resigned');
    this.#bell.ring();
    await this.#running;
    await Promise.all([this.#giveBack(), this.#follower[Symbol.asyncDispose]()]);
    this.#unobserve();
    await this.#entry[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        if (!this.connection.connected) await this.#bell.rings();
        else if (!this.#isFit()) await this.#standBack();
        else if (this.#term) await this.#keep(this.#term);
        else await this.#take();
      } catch (error) {
        if (this.connection.connected) this.options.observer.fault(error);
        await elapsed(AGAIN_AFTER_MS, this.#ended.signal);
      }
    }
  }

  #isFit(): boolean {
    return this.options.isFit?.() ?? true;
  }

  async #standBack(): Promise<void> {
    if (!this.#term) return this.#bell.rings(FIT_AGAIN_LOOK_MS);
    this.#lose('resigned');
    await this.#giveBack();
  }

  async #take(): Promise<void> {
    const { holder, describe, clock, monotonicMs } = this.options;
    const found = await this.#look();
    // A write of our own whose answer was lost is ours to write over; of others we wait to hear.
    if (!found.isFree && found.lease?.holder !== holder) return this.#bell.rings(this.#times.silenceMs);
    if (this.#ended.signal.aborted) return;
    const since = toInstant(clock.nowMs());
    const sentMs = monotonicMs();
    const token = await this.#entry.write({ holder, since, about: describe() }, found.revision);
    if (token === undefined || this.#ended.signal.aborted) return;
    const term = { token, since, revision: token, sentMs, isDoubtful: false };
    if (this.#isOver(term)) return;
    this.#term = term;
    this.#armDeadline(term);
    this.options.observer.acquired(token);
  }

  async #keep(term: Term): Promise<void> {
    if (this.#isOver(term)) return this.#lose('expired');
    const leftMs = term.sentMs + this.#times.renewEveryMs - this.options.monotonicMs();
    if (leftMs > 0 && !term.isDoubtful) return this.#bell.rings(leftMs);
    if (term.isDoubtful) await this.#makeSure(term);
    // It may have been lost while that was read.
    if (this.#term === term) await this.#renew(term);
  }

  /** The last write may have been stored without an answer, or somebody else's after it. */
  async #makeSure(term: Term): Promise<void> {
    const { lease, revision } = await this.#look();
    if (this.#term !== term) return;
    const isOurs = lease?.holder === this.options.holder && (lease.token ?? revision) === term.token;
    if (!isOurs) return this.#lose('taken');
    term.revision = revision;
    term.isDoubtful = false;
  }

  async #renew(term: Term): Promise<void> {
    const { holder, describe, monotonicMs } = this.options;
    const { token, since } = term;
    const sentMs = monotonicMs();
    const revision = await this.#entry
      .write({ holder, since, token, about: describe() }, term.revision)
      .catch((error: unknown) => {
        term.isDoubtful = true;
        throw error;
      });
    if (this.#term !== term) return;
    if (revision === undefined) return this.#lose('taken');
    // Whoever asked was told that it is not held any more, and it must stay so.
    if (this.#isOver(term)) return this.#lose('expired');
    term.revision = revision;
    term.sentMs = sentMs;
    this.#armDeadline(term);
  }

  /** A bucket that is gone is made again. A read that gets no answer is given up as soon as a write: an elected leader answers the next one. */
  async #look(): Promise<FoundLease> {
    try {
      return await readLeaseEntry(this.connection, this.options.key, this.#times.ackTimeoutMs);
    } catch (error) {
      if (!(error instanceof StreamMissingError)) throw error;
      await openLeases(this.connection, this.options.replicas);
      return NOTHING;
    }
  }

  /** Told when it is over, whatever is on its way or does not come back. */
  #armDeadline(term: Term): void {
    clearTimeout(this.#deadline);
    const leftMs = term.sentMs + this.#times.surelyHeldMs - this.options.monotonicMs();
    this.#deadline = setTimeout(
      () => {
        if (this.#isOver(term)) this.#lose('expired');
        else this.#armDeadline(term);
      },
      Math.ceil(Math.max(leftMs, 1)),
    );
  }

  #isOver({ sentMs }: Term): boolean {
    return this.options.monotonicMs() >= sentMs + this.#times.surelyHeldMs;
  }

  #lose(reason: LeaseLoss): void {
    if (!this.#term) return;
    this.#term = undefined;
    clearTimeout(this.#deadline);
    this.options.observer.lost(reason);
    this.#bell.ring();
  }

  /** Read first: an answer may have been lost, also that of a write which nobody waits for any more. */
  async #giveBack(): Promise<void> {
    if (!this.connection.connected) return;
    try {
      const { lease, revision } = await this.#look();
      if (lease?.holder === this.options.holder) await this.#entry.remove(revision);
    } catch (error) {
      if (this.connection.connected) this.options.observer.fault(error);
    }
  }

  #follow(): StreamFollower {
    return new StreamFollower(this.connection, {
      stream: LEASES_STREAM,
      startAt: () => {
        // What happened while nobody followed may have left no mark.
        this.#bell.ring();
        const filter_subject = `${LEASES_SUBJECT_PREFIX}${this.options.key}`;
        return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject };
      },
      onMessage: ({ data }, { sequence }) => this.#hear(data, sequence),
      onCurrent: () => undefined,
      onFault: (error) => {
        this.#doubt();
        this.options.observer.fault(error);
      },
    });
  }

  #hear(data: Uint8Array, revision: number): void {
    const lease = storedLeaseIn(data);
    if (lease?.holder === this.options.holder) return;
    if (lease && !this.#term) this.#bell.hum();
    else if (!this.#term || revision > this.#term.revision) this.#doubt();
  }

  #doubt(): void {
    if (this.#term) this.#term.isDoubtful = true;
    this.#bell.ring();
  }
}
