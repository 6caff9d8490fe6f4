import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { migrations } from '../../migrations/index.ts';
import { createTestDatabase, ensureTemplateDatabase, type TestDatabase } from './servers.ts';

/** A database of its own with the application's tables, empty. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  await ensureTemplateDatabase('millrace_migrated', (url) => migrate(url));
  return createTestDatabase({ template: 'millrace_migrated' });
}

/** Brings the application's tables to a database, up to the migration of this name; default: all of them. */
export async function migrate(url: string, to?: string): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false, silent: true },
    colors: false,
  });
  try {
    await orm.migrator.up(to === undefined ? {} : { to });
  } finally {
    await orm.close();
  }
}
