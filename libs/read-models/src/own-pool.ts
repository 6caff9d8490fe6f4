import pg from 'pg';
import type { Database, TransactionalDatabase } from './database.ts';

export interface OwnPoolOptions {
  readonly url: string;
  readonly max: number;
  /** Where names without a schema lead, the first one first; default: as the role has it. */
  readonly schemas?: readonly string[];
}

/** A connection whose process is gone without a word (a host that crashed) ends within half a minute, and its locks with it. */
const SETTINGS = ['tcp_keepalives_idle=15', 'tcp_keepalives_interval=5', 'tcp_keepalives_count=3'];

/** Connections apart from those that requests wait for, for work that takes long or holds locks. */
export class OwnPool implements TransactionalDatabase, AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #busy = new Set<pg.PoolClient>();

  constructor({ url, max, schemas }: OwnPoolOptions) {
    const settings = [...SETTINGS, ...(schemas ? [`search_path=${schemas.join(',')}`] : [])];
    this.#pool = new pg.Pool({
      connectionString: withSettings(url, settings),
      max,
      application_name: 'millrace rebuild',
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 5_000,
      keepAlive: true,
    });
    this.#pool.on('error', () => undefined); // of an idle connection: the next statement tells
    // Of one in use, too, whose statement is rejected besides: without somebody who hears of it the process would end.
    this.#pool.on('connect', (client) => void client.on('error', () => undefined));
    this.#pool.on('acquire', (client) => this.#busy.add(client));
    this.#pool.on('release', (_error, client) => this.#busy.delete(client));
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#pool.query(sql, [...parameters])).rows as Row[];
  }

  async transaction<Result>(work: (within: Database) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    const within = databaseOf(client);
    let fault: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(within);
      await client.query('commit');
      return result;
    } catch (error) {
      // One that can't even roll back is not given back: its end is the rollback.
      await client.query('rollback').catch((failure: Error) => (fault = failure));
      throw error;
    } finally {
      client.release(fault);
    }
  }

  /** A connection of one's own, gone at its end; tells when it is gone before. */
  async session(onLost: () => void = () => undefined): Promise<Database & Disposable> {
    const client = await this.#pool.connect();
    const lost = (): void => onLost();
    client.on('error', lost);
    let isOpen = true;
    const end = (): void => {
      if (isOpen) client.release(true);
      isOpen = false;
    };
    return { ...databaseOf(client), [Symbol.dispose]: end };
  }

  /** Waits for nothing: what is under way is rejected, whatever the server makes of it. */
  interrupt(): void {
    for (const client of this.#busy) void (client as pg.PoolClient & pg.Client).end().catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.end();
  }
}

function databaseOf(client: pg.PoolClient): Database {
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await client.query(sql, [...parameters])).rows as Row[],
  };
}

/** Settings of the address stay; an address wins over all that is said beside it. */
function withSettings(url: string, settings: readonly string[]): string {
  const address = new URL(url);
  const own = settings.map((setting) => `-c ${setting}`).join(' ');
  const asked = address.searchParams.get('options');
  address.searchParams.set('options', asked === null ? own : `${asked} ${own}`);
  return address.href;
}
