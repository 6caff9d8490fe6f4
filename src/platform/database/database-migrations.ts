import { setTimeout as wait } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Logger } from '../logging/logger.ts';
import { isDatabaseAway } from './database-away.ts';

/** Any number, the same in every process of every version. */
const LOCK = 7_162_117_034;
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

@Injectable()
export class DatabaseMigrations {
  constructor(
    private readonly orm: MikroORM,
    private readonly logger: Logger,
  ) {}

  /**
   * Brings the schema up to date. Of several processes that start at once one migrates and the others wait for it.
   * A Postgres that is still starting is waited for (half a minute), then its error is thrown.
   */
  async run(): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
      try {
        return await this.migrate();
      } catch (error) {
        if (!isDatabaseAway(error) || waitedMs >= PATIENCE_MS) throw error;
        if (waitedMs === 0) this.logger.warn({ error }, 'Postgres is away; waiting for it to migrate');
        await wait(PAUSE_MS);
      }
    }
  }

  /** The lock is held by a transaction of its own, so that it also works behind a pooler and ends with the process. */
  private async migrate(): Promise<void> {
    await this.orm.em.transactional(async (em) => {
      await em.execute('set local idle_in_transaction_session_timeout = 0');
      await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
      const done = await this.orm.migrator.up();
      if (done.length > 0) this.logger.info({ migrations: done.map(({ name }) => name) }, 'database migrated');
    });
  }
}
