import type { Clock } from '#libs/kernel';
import { OutboundMailError } from './errors.ts';
import { Lane, type Carried, type LaneOptions } from './lane.ts';
import type { MailJob } from './mail-job.ts';
import { RateGate } from './rate-gate.ts';
import { stoppedError } from './stop.ts';
import type { Held } from './types.ts';

export interface PoolOptions extends Omit<LaneOptions, 'onIdleEnd' | 'onOpen'> {
  readonly clock: Clock;
  /** Mails that wait for a connection; one more is turned away. */
  readonly maxWaiting: number;
  /** Nothing is held any more. */
  readonly onEmpty: () => void;
}

const DEFAULT_MAX_CONNECTIONS = 5;
/** Longer ones are awaited in parts; timers have an end. */
const LONGEST_WAIT_MS = 60_000;

/** The connections to one server, and the mails that wait for one, first come first served. */
export class MailPool {
  readonly #options: PoolOptions;
  readonly #maxConnections: number;
  /** Fewer than the maximum while the server lets no more in. */
  #ceiling: number;
  readonly #lanes = new Set<Lane>();
  readonly #waiting: MailJob[] = [];
  readonly #carried = new Set<MailJob>();
  readonly #gate: RateGate;
  /** Whether a first mail has shown that the password is not wrong: until then one connection tries it, not all of them. */
  #isTried: boolean;
  #gateTimer: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#maxConnections = options.server.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    this.#ceiling = this.#maxConnections;
    this.#gate = new RateGate(options.server.ratePerSecond, options.clock);
    this.#isTried = options.server.username === undefined;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && ![...this.#lanes].some(({ isBusy }) => isBusy);
  }

  get held(): Omit<Held, 'pools'> {
    const connections = [...this.#lanes].filter(({ isConnected }) => isConnected).length;
    return { connections, waiting: this.#waiting.length };
  }

  submit(job: MailJob): void {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      job.reject(tooMany(`${this.#options.maxWaiting} mails wait for this server`));
      return;
    }
    this.#waiting.push(job);
    this.#await(job);
    this.#dispatch();
  }

  close(): void {
    clearTimeout(this.#gateTimer);
    for (const job of [...this.#waiting, ...this.#carried]) job.stop.stop('closed');
    for (const lane of this.#lanes) lane.close();
    this.#lanes.clear();
  }

  #await(job: MailJob): void {
    job.stop.onStop = () => {
      this.#waiting.splice(this.#waiting.indexOf(job), 1);
      job.reject(stoppedError(job.stop.reason ?? 'aborted', 'queue', false));
      this.#tellIfEmpty();
    };
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const waitMs = this.#gate.waitMs();
      if (waitMs > 0) {
        this.#dispatchIn(waitMs);
        return;
      }
      const lane = this.#freeLane();
      const job = lane && this.#waiting.shift();
      if (!job) return;
      this.#gate.pass();
      job.stop.onStop = undefined;
      this.#carried.add(job);
      void lane.carry(job).then((carried) => this.#afterCarrying(lane, job, carried));
    }
  }

  #dispatchIn(waitMs: number): void {
    clearTimeout(this.#gateTimer);
    this.#gateTimer = setTimeout(
      () => {
        this.#dispatch();
        this.#tellIfEmpty();
      },
      Math.ceil(Math.min(waitMs, LONGEST_WAIT_MS)),
    );
  }

  #freeLane(): Lane | undefined {
    const free = [...this.#lanes].filter(({ isBusy }) => !isBusy);
    const lane = free.find(({ isConnected }) => isConnected) ?? free[0];
    if (lane || this.#lanes.size >= (this.#isTried ? this.#ceiling : 1)) return lane;
    const added = new Lane({
      ...this.#options,
      onOpen: () => this.#widen(),
      onIdleEnd: (ended) => this.#remove(ended),
    });
    this.#lanes.add(added);
    return added;
  }

  #widen(): void {
    if (this.#isTried) return;
    this.#isTried = true;
    this.#dispatch();
  }

  #afterCarrying(lane: Lane, job: MailJob, carried: Carried): void {
    this.#carried.delete(job);
    if (!lane.isConnected) this.#lanes.delete(lane);
    if (carried.kind !== 'lockedOut') this.#isTried = true;
    if (carried.kind !== 'settled') this.#afterFailing(job, carried);
    this.#dispatch();
    this.#tellIfEmpty();
  }

  #afterFailing(job: MailJob, { kind, error }: Exclude<Carried, { kind: 'settled' }>): void {
    const isCrowded = kind === 'crowded' && this.#narrow();
    if (kind === 'lockedOut') this.#rejectWaiting(error);
    if (isCrowded || kind === 'again') this.#takeBack(job, error);
    else job.reject(error);
  }

  /** Goes on with the connections that stand or are being opened; false when there is none. */
  #narrow(): boolean {
    const others = this.#lanes.size;
    // With no other the server is away rather than crowded.
    this.#ceiling = others > 0 ? others : this.#maxConnections;
    return others > 0;
  }

  #takeBack(job: MailJob, error: OutboundMailError): void {
    if (job.cameBack) {
      job.reject(error);
      return;
    }
    job.cameBack = true;
    this.#waiting.unshift(job);
    this.#await(job);
    if (job.stop.reason) job.stop.onStop?.();
  }

  /** Whoever tries with a password that is wrong again and again is locked out in the end. */
  #rejectWaiting(error: OutboundMailError): void {
    for (const job of this.#waiting.splice(0)) job.reject(error);
  }

  #remove(lane: Lane): void {
    if (lane.isBusy) return;
    lane.close();
    this.#lanes.delete(lane);
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (!this.isIdle) return;
    this.#ceiling = this.#maxConnections;
    if (this.#lanes.size > 0) return;
    // The gate goes with the pool, and another one would let a mail through at once.
    const waitMs = this.#gate.waitMs();
    if (waitMs > 0) this.#dispatchIn(waitMs);
    else this.#options.onEmpty();
  }
}

export function tooMany(what: string): OutboundMailError {
  return new OutboundMailError('SMTP_CONNECT', `${what} already; send it later`, { retryable: true, phase: 'queue' });
}
