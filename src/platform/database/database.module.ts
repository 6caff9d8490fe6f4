import { Migrator } from '@mikro-orm/migrations';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { PostgreSqlDriver, type Options } from '@mikro-orm/postgresql';
import { Module, type DynamicModule } from '@nestjs/common';
import { migrations } from '../../../migrations/index.ts';
import { keepPoolWhole, tellConnectErrors } from './connections.ts';
import { DatabaseHealth } from './database-health.ts';
import { DatabaseMigrations } from './database-migrations.ts';

/**
 * The one Postgres of the process. Inject `EntityManager` of @mikro-orm/postgresql and begin each use case with
 * `em.transactional(...)` or `em.fork()`: there is no request context, because most work comes from no request.
 */
@Module({})
export class DatabaseModule {
  static forRoot(url: string, entities: NonNullable<Options['entities']>): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        MikroOrmModule.forRoot({
          ...connectionOptions(url),
          driver: PostgreSqlDriver,
          entities,
          discovery: { warnWhenNoEntities: false },
          extensions: [Migrator],
          // In the order of the list, which is that of their names. Never edited once released.
          migrations: { tableName: 'migrations', migrationsList: migrations, snapshot: false, silent: true },
          registerRequestContext: false,
          colors: false,
        }),
      ],
      providers: [DatabaseMigrations, DatabaseHealth],
      exports: [DatabaseMigrations],
    };
  }
}

function connectionOptions(url: string): Options {
  return {
    clientUrl: url,
    timezone: 'UTC',
    pool: { min: 0, max: 10, idleTimeoutMillis: 30_000 },
    driverOptions: {
      application_name: 'millrace',
      // Also the longest wait for one of the ten: a caller is told "later" rather than kept.
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      onPoolCreated: tellConnectErrors,
    },
    onCreateConnection: keepPoolWhole,
  };
}
