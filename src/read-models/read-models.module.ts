import { MikroORM } from '@mikro-orm/postgresql';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CompiledQuery } from 'kysely';
import { JetStreamConnection } from '#libs/jetstream';
import { ReadModelProgress, type Database } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { CONFIG } from '../platform/tokens.ts';
import { DATABASE } from './tokens.ts';

@Injectable()
class ReadModelProgressLifecycle implements OnApplicationShutdown {
  constructor(private readonly progress: ReadModelProgress) {}

  onApplicationShutdown(): void {
    this.progress[Symbol.dispose]();
  }
}

const providers = [
  {
    provide: DATABASE,
    inject: [MikroORM],
    useFactory: (orm: MikroORM): Database => ({
      // Not `em.execute`: it writes parameters into the statement's text, and a batch is a large one.
      query: async <Row>(sql: string, parameters: readonly unknown[] = []) => {
        const { rows } = await orm.em.getKysely().executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]));
        return rows;
      },
    }),
  },
  {
    provide: ReadModelProgress,
    inject: [JetStreamConnection, CONFIG],
    useFactory: (connection: JetStreamConnection, config: Config) =>
      new ReadModelProgress(connection, config.visibleWithinMs),
  },
];

/** What reads and writes read models: statements, and how far the projections are. */
@Global()
@Module({ providers: [...providers, ReadModelProgressLifecycle], exports: providers })
export class ReadModelsModule {}
