import { MikroORM } from '@mikro-orm/postgresql';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { ReadModelProgress, type Database } from '#libs/read-models';
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
      query: (sql, parameters) => orm.em.getConnection().execute(sql, parameters, 'all'),
    }),
  },
  {
    provide: ReadModelProgress,
    inject: [JetStreamConnection],
    useFactory: (connection: JetStreamConnection) => new ReadModelProgress(connection),
  },
];

/** What reads and writes read models: statements, and how far the projections are. */
@Global()
@Module({ providers: [...providers, ReadModelProgressLifecycle], exports: providers })
export class ReadModelsModule {}
