import { Module } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { JetStreamEventStore, ObjectPayloadStore } from '#libs/event-store-jetstream';
import { Archiver, Eraser } from '#libs/execution-archive';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Database } from '#libs/read-models';
import { DISPATCHER } from '#libs/work-queue-jetstream';
import { Logger } from '../platform/logging/logger.ts';
import { EXECUTION_LOG, LOG_MANAGER, type ExecutionLog } from '../platform/nats/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';

const providers = [
  {
    provide: Archiver,
    inject: [LOG_MANAGER, DATABASE, EXECUTION_LOG, JetStreamConnection, JetStreamPublisher, Logger],
    // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
    useFactory: (
      manager: JetStreamManager,
      database: Database,
      { layout, codec }: ExecutionLog,
      connection: JetStreamConnection,
      publisher: JetStreamPublisher,
      logger: Logger,
    ) =>
      new Archiver({
        ...{ manager, database, layout, codec },
        // What is in the log and only there: the store of all others looks into the archive as well.
        log: new JetStreamEventStore({ connection, publisher, layout, codec }),
        dispatcher: DISPATCHER.durable_name,
        onIncomplete: (executionId) =>
          logger.error(
            { executionId },
            'an execution is over and parts of its history are nowhere; what there is stays',
          ),
      }),
  },
  {
    provide: Eraser,
    inject: [Archiver, DATABASE, EXECUTION_LOG, ObjectPayloadStore],
    useFactory: (archiver: Archiver, database: Database, { codec, store }: ExecutionLog, objects: ObjectPayloadStore) =>
      new Eraser({ archiver, database, codec, store, removeObject: (object) => objects.remove(object) }),
  },
];

/** What the roles `api` and `projector` both do with histories that are over. */
@Module({ providers, exports: providers })
export class ArchiveStoreModule {}
