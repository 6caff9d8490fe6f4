import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import {
  createCommitCodec,
  executionLog,
  JetStreamEventStore,
  ObjectPayloadStore,
  scheduleLog,
  workflowLog,
} from '#libs/event-store-jetstream';
import { ArchivedEventStore, findHistory } from '#libs/execution-archive';
import { executionEventSchema, type ExecutionEvent } from '#libs/execution-engine';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { MillraceError, type Clock } from '#libs/kernel';
import type { Database } from '#libs/read-models';
import { scheduleEventSchema, type ScheduleEvent } from '#libs/schedule';
import { workflowEventSchema, type WorkflowEvent } from '#libs/workflow-definition';
import { RouteBucket } from '#libs/webhook-routes';
import type { Config } from '../../config/config.ts';
import { DATABASE } from '../../read-models/tokens.ts';
import { Logger } from '../logging/logger.ts';
import { durabilityOf } from './durability.ts';
import { NatsHealth } from './nats-health.ts';
import { NatsLifecycle } from './nats-lifecycle.ts';
import { NatsMetrics } from './nats-metrics.ts';
import { reconcileLog } from './reconcile-log.ts';
import { whenReady } from './when-ready.ts';
import { CLOCK } from '../tokens.ts';
import { DURABILITY, EXECUTION_LOG, LOG_MANAGER, SCHEDULE_LOG, WORKFLOW_LOG, type Log } from './tokens.ts';

export interface NatsModuleOptions {
  readonly config: Config;
  readonly servers: readonly string[];
  /** Executor classes that need a queue. */
  readonly executors: readonly string[];
}

/** Replicated streams and consumers elect a leader before their creation is answered. */
const API_TIMEOUT_MS = 10_000;

/** A definition of 1 MiB and its envelope must fit in one message. */
const MIN_MAX_PAYLOAD = 2 * 1024 * 1024;

/** The log and all that is made of NATS: one connection, one publisher, the stores, streams brought to what they must be. */
@Module({})
export class NatsModule {
  static forRoot(options: NatsModuleOptions): DynamicModule {
    const providers = [...connectionProviders(options), ...logProviders(options)];
    return {
      module: NatsModule,
      global: true,
      providers: [...providers, NatsLifecycle, NatsHealth, NatsMetrics],
      exports: providers,
    };
  }
}

function connectionProviders({ config, servers, executors }: NatsModuleOptions): Provider[] {
  const { natsReplicas: replicas, logStreams, deliveriesKeptMs, emailsKeptMs, roles } = config;
  const credentialsFile = config.nats.kind === 'external' ? config.nats.credsFile : undefined;
  return [
    {
      provide: JetStreamConnection,
      inject: [Logger],
      useFactory: (logger: Logger) => {
        const name = `millrace ${[...roles].join(',')}`;
        const open = () => JetStreamConnection.open({ servers, name, ...(credentialsFile ? { credentialsFile } : {}) });
        return whenReady(open, (error) => logger.warn({ error }, 'NATS is away; waiting for it'));
      },
    },
    {
      provide: LOG_MANAGER,
      inject: [JetStreamConnection, Logger],
      useFactory: async ({ client }: JetStreamConnection, logger: Logger): Promise<JetStreamManager> => {
        ensurePayloadFits(client.info?.max_payload ?? 0);
        const reconciled = async (): Promise<JetStreamManager> => {
          const manager = await jetstreamManager(client, { timeout: API_TIMEOUT_MS });
          await reconcileLog(manager, { logStreams, replicas, deliveriesKeptMs, emailsKeptMs, executors });
          return manager;
        };
        return whenReady(reconciled, (error) => logger.warn({ error }, 'JetStream is not ready; waiting for it'));
      },
    },
    {
      provide: JetStreamPublisher,
      inject: [JetStreamConnection, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection) => new JetStreamPublisher(connection),
    },
    { provide: DURABILITY, useValue: durabilityOf(config.nats, replicas) },
  ];
}

function logProviders({ config }: NatsModuleOptions): Provider[] {
  const { natsReplicas: replicas, logStreams } = config;
  return [
    {
      provide: EXECUTION_LOG,
      inject: [JetStreamConnection, JetStreamPublisher, DATABASE],
      useFactory: (
        connection: JetStreamConnection,
        publisher: JetStreamPublisher,
        database: Database,
      ): Log<ExecutionEvent> => {
        const parts = { layout: executionLog(logStreams, replicas), codec: createCommitCodec(executionEventSchema) };
        const log = new JetStreamEventStore({ ...parts, connection, publisher });
        const archive = { find: (executionId: string) => findHistory(database, executionId) };
        return { ...parts, store: new ArchivedEventStore(log, archive, parts.codec) };
      },
    },
    {
      provide: WORKFLOW_LOG,
      inject: [JetStreamConnection, JetStreamPublisher],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher): Log<WorkflowEvent> => {
        const parts = { layout: workflowLog(replicas), codec: createCommitCodec(workflowEventSchema) };
        return { ...parts, store: new JetStreamEventStore({ ...parts, connection, publisher }) };
      },
    },
    {
      provide: SCHEDULE_LOG,
      inject: [JetStreamConnection, JetStreamPublisher],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher): Log<ScheduleEvent> => {
        const parts = { layout: scheduleLog(logStreams, replicas), codec: createCommitCodec(scheduleEventSchema) };
        return { ...parts, store: new JetStreamEventStore({ ...parts, connection, publisher }) };
      },
    },
    {
      provide: ObjectPayloadStore,
      inject: [JetStreamConnection, JetStreamPublisher, CLOCK],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, clock: Clock) =>
        whenReady(() => ObjectPayloadStore.open({ connection, publisher, clock, replicas })),
    },
    {
      provide: RouteBucket,
      inject: [JetStreamConnection, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection) => whenReady(() => RouteBucket.open(connection, replicas)),
    },
  ];
}

function ensurePayloadFits(maxPayload: number): void {
  if (maxPayload >= MIN_MAX_PAYLOAD) return;
  throw new MillraceError(
    'conflict',
    'NATS_MAX_PAYLOAD_TOO_SMALL',
    `the NATS server takes messages of ${maxPayload} bytes, ${MIN_MAX_PAYLOAD} are needed: set max_payload: 8MB in its configuration`,
  );
}
