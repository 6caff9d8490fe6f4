import { LRUCache } from 'lru-cache';
import { setTimeout as elapsed } from 'node:timers/promises';
import { decidePassage, type CallOutcome, type CircuitEvent, type Passage } from '#libs/destination-limits';
import type { Clock } from '#libs/kernel';
import type { Quota } from '#libs/node-kit';
import { LONGEST_KEY, type Destination } from './circuit-bucket.ts';
import type { Circuits } from './circuits.ts';
import type { Learn, Quotas, Spend, TakenQuotas } from './quotas.ts';
import { Traffic } from './traffic.ts';

/** Why an attempt can't be made now. */
export interface PostponeReason {
  readonly kind: 'circuit' | 'rateLimit' | 'bulkhead';
  /** The destination, or with `rateLimit` perhaps the quota. */
  readonly key: string;
}

/** What an attempt is about to call, within its workspace. */
export interface Visit {
  readonly workspaceId: string;
  /** The destination; absent when it is none in particular. */
  readonly key?: string;
  /** Of which it takes one each. */
  readonly quotas?: readonly Quota[];
}

/** What came of an attempt; `pauseMs` when the destination asked that nobody comes for so long. */
export interface CallEnd {
  readonly outcome: CallOutcome;
  readonly pauseMs?: number;
}

export type Entrance =
  /** Whoever is admitted leaves, once. */
  | { readonly kind: 'admitted'; leave(end: CallEnd): void; learn: Learn; spend: Spend }
  | { readonly kind: 'postponed'; readonly reason: PostponeReason; readonly untilMs: number };

export interface DestinationsObserver {
  postponed(reason: PostponeReason['kind']): void;
  /** What was seen could not be told to others; work goes on as if all was well. */
  untold(error: unknown): void;
}

export interface DestinationsParts {
  readonly circuits: Circuits;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly newProbeId: () => string;
  /** Attempts that this process makes at once at one destination. */
  readonly room: number;
  readonly observer: DestinationsObserver;
}

type Barred = Extract<Passage, { readonly kind: 'barred' }>;

/** Destinations that are counted at once; of more, the counts of those not called for longest are lost. */
const MAX_DESTINATIONS = 10_000;
/** Who finds no room comes again after at least this long. */
const NO_ROOM_MS = 250;
/** From one report on a destination to the next. */
const REPORT_EVERY_MS = 100;

/**
 * The door to each destination. Healthy destinations cost no message: calls are counted in memory, and only failures
 * are told to the other workers. Nothing here ever refuses work because NATS is away.
 */
export class Destinations implements AsyncDisposable {
  readonly #traffic = new LRUCache<string, Traffic>({ max: MAX_DESTINATIONS });
  readonly #telling = new Set<Promise<void>>();
  readonly #ended = new AbortController();

  constructor(private readonly parts: DestinationsParts) {}

  async enter({ workspaceId, key, quotas = [] }: Visit): Promise<Entrance> {
    if (key === undefined || key.length > LONGEST_KEY) {
      const taken = await this.parts.quotas.takeAll(workspaceId, quotas);
      return taken.kind === 'exhausted'
        ? this.#exhausted(taken)
        : { ...taken, kind: 'admitted', leave: () => undefined };
    }
    const destination = { workspaceId, key };
    const traffic = this.#trafficOf(destination);
    const nowMs = this.parts.clock.nowMs();
    if (traffic.running >= this.parts.room) {
      return this.#postponed(destination, traffic, { kind: 'bulkhead', fromMs: nowMs + NO_ROOM_MS });
    }
    // Before anything is waited for: the room is taken.
    traffic.begin();
    const entrance = await this.#pass(destination, traffic, quotas);
    if (entrance.kind === 'postponed') traffic.giveBack();
    return entrance;
  }

  /** When others were told all that they should know, or could not be. */
  async settled(): Promise<void> {
    while (this.#telling.size > 0) await Promise.all(this.#telling);
    await this.parts.quotas.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.settled();
  }

  /** The probe comes last: whoever is it must not be sent away any more. */
  async #pass(destination: Destination, traffic: Traffic, quotas: readonly Quota[]): Promise<Entrance> {
    const { circuits, newProbeId } = this.parts;
    const passage = circuits.passage(destination);
    if (passage.kind === 'barred') return this.#barred(destination, traffic, passage);
    const taken = await this.parts.quotas.takeAll(destination.workspaceId, quotas);
    if (taken.kind === 'exhausted') return this.#exhausted(taken);
    const probeId = passage.kind === 'probe' ? newProbeId() : undefined;
    const found = probeId === undefined ? passage : await this.#claimProbe(destination, probeId);
    if (found.kind === 'barred') {
      taken.giveBack();
      return this.#barred(destination, traffic, found);
    }
    const leave = this.#leaveOf(destination, traffic, found.kind === 'probe' ? probeId : undefined);
    return { kind: 'admitted', leave, learn: taken.learn, spend: taken.spend };
  }

  #trafficOf({ workspaceId, key }: Destination): Traffic {
    const name = `${workspaceId} ${key}`;
    const present = this.#traffic.get(name);
    if (present) return present;
    const traffic = new Traffic();
    this.#traffic.set(name, traffic);
    return traffic;
  }

  #postponed(
    { key }: Destination,
    traffic: Traffic,
    { kind, fromMs }: { readonly kind: PostponeReason['kind']; readonly fromMs: number },
  ): Entrance {
    this.parts.observer.postponed(kind);
    return { kind: 'postponed', reason: { kind, key }, untilMs: traffic.placeAfter(fromMs, this.parts.room) };
  }

  #barred(destination: Destination, traffic: Traffic, { by, untilMs }: Barred): Entrance {
    return this.#postponed(destination, traffic, { kind: by, fromMs: untilMs });
  }

  #exhausted({ key, untilMs }: Extract<TakenQuotas, { readonly kind: 'exhausted' }>): Entrance {
    this.parts.observer.postponed('rateLimit');
    return { kind: 'postponed', reason: { kind: 'rateLimit', key }, untilMs };
  }

  #leaveOf(destination: Destination, traffic: Traffic, probeId: string | undefined): (end: CallEnd) => void {
    const startedMs = this.parts.clock.nowMs();
    let left = false;
    return ({ outcome, pauseMs }) => {
      if (left) return;
      left = true;
      traffic.end(outcome, { nowMs: this.parts.clock.nowMs(), startedMs });
      if (pauseMs !== undefined) traffic.askedToPause(pauseMs);
      if (probeId !== undefined)
        this.#tell(() => this.#change(destination, [{ type: 'ProbeEnded', id: probeId, outcome }]));
      if (traffic.hasNews) this.#report(destination, traffic);
    };
  }

  /** Of several that say so at once, over all workers, one is the probe. */
  async #claimProbe(destination: Destination, id: string): Promise<Passage> {
    try {
      const circuit = await this.parts.circuits.change(destination, [{ type: 'ProbeStarted', id }]);
      const { breaker } = circuit;
      if (breaker.state === 'halfOpen' && breaker.probe.id === id) return { kind: 'probe' };
      return decidePassage(circuit, this.parts.clock.nowMs());
    } catch (error) {
      this.parts.observer.untold(error);
      return { kind: 'free' };
    }
  }

  /** One report at a time, and what comes meanwhile goes with the next. */
  #report(destination: Destination, traffic: Traffic): void {
    if (traffic.reporting) return;
    traffic.reporting = true;
    this.#tell(async () => {
      do {
        const { calls, pauseMs } = traffic.takeNews();
        await this.#change(destination, [
          { type: 'CallsEnded', calls },
          ...(pauseMs === undefined ? [] : [{ type: 'PauseAsked' as const, forMs: pauseMs }]),
        ]);
        await elapsed(REPORT_EVERY_MS, undefined, { signal: this.#ended.signal, ref: false }).catch(() => undefined);
      } while (traffic.hasNews);
      traffic.reporting = false;
    });
  }

  async #change(destination: Destination, events: readonly CircuitEvent[]): Promise<void> {
    try {
      await this.parts.circuits.change(destination, events);
    } catch (error) {
      this.parts.observer.untold(error);
    }
  }

  #tell(work: () => Promise<void>): void {
    const telling = work().finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }
}
