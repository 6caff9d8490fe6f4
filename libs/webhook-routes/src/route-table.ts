import type { Msg } from '@nats-io/nats-core';
import { ConditionWaits, StreamFollower, StreamPlace } from '#libs/jetstream';
import { epochMsOf, type Clock } from '#libs/kernel';
import { routeSchema, type Route } from './route.ts';
import type { RouteBucket } from './route-bucket.ts';

export interface RouteTableObserver {
  /** An entry that this version can't read; its URL does not answer. */
  unreadable(token: string, error: unknown): void;
  /** The bucket can't be followed at the moment; the table stays as it is and catches up. */
  interrupted(error: unknown): void;
}

/** All routes in this process's memory, following the bucket. A call costs one look-up, however many routes there are. */
export class RouteTable implements AsyncDisposable {
  readonly #routes = new Map<string, Route>();
  readonly #waits = new ConditionWaits();
  readonly #listeners = new Set<() => void>();
  readonly #current = Promise.withResolvers<void>();
  readonly #follower: StreamFollower;
  readonly #place: StreamPlace;

  private constructor(
    private readonly bucket: RouteBucket,
    private readonly observer: RouteTableObserver,
    private readonly clock: Clock,
  ) {
    this.#place = new StreamPlace(`${bucket.subjectPrefix}>`, () => this.#routes.clear());
    this.#follower = new StreamFollower(bucket.connection, {
      stream: bucket.stream,
      startAt: (stream) => this.#place.startAt(stream),
      onMessage: (message, { sequence }) => this.#take(message, sequence),
      onCurrent: () => this.#current.resolve(),
      onFault: (error) => observer.interrupted(error),
    });
  }

  /** Resolves when the table holds what the bucket held. */
  static async open(bucket: RouteBucket, observer: RouteTableObserver, clock: Clock): Promise<RouteTable> {
    const table = new RouteTable(bucket, observer, clock);
    await table.#current.promise;
    return table;
  }

  get size(): number {
    return this.#routes.size;
  }

  find(token: string): Route | undefined {
    const route = this.#routes.get(token);
    if (route?.until === undefined || epochMsOf(route.until) > this.clock.nowMs()) return route;
    // That it went from the bucket is told to nobody.
    this.#routes.delete(token);
    return undefined;
  }

  /** All that answer, by token. */
  *entries(): Generator<readonly [token: string, route: Route]> {
    for (const token of [...this.#routes.keys()]) {
      const route = this.find(token);
      if (route) yield [token, route];
    }
  }

  /** Calls back after each change, of whatever route. Must not throw. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** True when `holds` does, at the latest after `withinMs`; looked at again with every change. */
  waitUntil(holds: () => boolean, withinMs: number): Promise<boolean> {
    return this.#waits.until(holds, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower[Symbol.asyncDispose]();
    this.#waits.giveUp();
  }

  #take(message: Msg, revision: number): void {
    const token = message.subject.slice(this.bucket.subjectPrefix.length);
    this.#place.sequence = revision;
    if (isDeletion(message)) this.#routes.delete(token);
    else this.#put(token, message);
    this.#waits.look();
    for (const listener of this.#listeners) listener();
  }

  #put(token: string, message: Msg): void {
    try {
      this.#routes.set(token, routeSchema.parse(message.json()));
    } catch (error) {
      this.#routes.delete(token);
      this.observer.unreadable(token, error);
    }
  }
}

/** A bucket marks what was deleted by an entry with one of these headers. */
function isDeletion({ headers }: Msg): boolean {
  return headers !== undefined && (headers.has('KV-Operation') || headers.has('Nats-Marker-Reason'));
}
