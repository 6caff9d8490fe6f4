import type { KvWatchEntry } from '@nats-io/kv';
import { routeSchema, type Route } from './route.ts';
import type { RouteBucket } from './route-bucket.ts';

export interface RouteTableObserver {
  /** An entry that this version can't read; its URL does not answer. */
  unreadable(token: string, error: unknown): void;
}

/** All routes in this process's memory, following the bucket. A call costs one look-up, however many routes there are. */
export class RouteTable implements AsyncDisposable {
  readonly #routes = new Map<string, Route>();
  readonly #changed = new Set<() => void>();
  #watch: Awaited<ReturnType<RouteBucket['bucket']['watch']>> | undefined;

  private constructor(private readonly observer: RouteTableObserver) {}

  /** Resolves when the table holds what the bucket held. */
  static async open(bucket: RouteBucket, observer: RouteTableObserver): Promise<RouteTable> {
    const table = new RouteTable(observer);
    const { values } = await bucket.bucket.status();
    const watch = await bucket.bucket.watch();
    table.#watch = watch;
    const { promise, resolve } = Promise.withResolvers<void>();
    void table.#follow(watch, resolve);
    // An empty bucket has no last entry that could say "this was all".
    if (values > 0) await promise;
    return table;
  }

  get size(): number {
    return this.#routes.size;
  }

  find(token: string): Route | undefined {
    return this.#routes.get(token);
  }

  /** True when `holds` does, at the latest after `withinMs`; looked at again with every change. */
  async waitUntil(holds: () => boolean, withinMs: number): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const end = (held: boolean): void => {
        clearTimeout(timer);
        this.#changed.delete(look);
        resolve(held);
      };
      const look = (): void => {
        if (holds()) end(true);
      };
      const timer = setTimeout(() => end(false), withinMs);
      this.#changed.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.stop();
  }

  /** The watch goes on over lost connections by itself. */
  async #follow(watch: AsyncIterable<KvWatchEntry>, onCurrent: () => void): Promise<void> {
    for await (const entry of watch) {
      this.#take(entry);
      if (entry.delta === 0) onCurrent();
    }
  }

  #take(entry: KvWatchEntry): void {
    if (entry.operation === 'PUT') this.#put(entry);
    else this.#routes.delete(entry.key);
    for (const look of this.#changed) look();
  }

  #put(entry: KvWatchEntry): void {
    try {
      this.#routes.set(entry.key, routeSchema.parse(entry.json()));
    } catch (error) {
      this.#routes.delete(entry.key);
      this.observer.unreadable(entry.key, error);
    }
  }
}

