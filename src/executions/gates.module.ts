import { Module } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { GateBucket, GateLineStream, PlacesInLine, SharedGates } from '#libs/execution-gates-jetstream';
import { ExecutionJournal } from '#libs/execution-runtime';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { RuntimeModule } from './runtime.module.ts';

/** What stands between executions and their beginning, for workers, and who waits there, for readers. */
@Module({
  imports: [RuntimeModule],
  providers: [
    {
      provide: GateBucket,
      inject: [JetStreamConnection, JetStreamPublisher, CONFIG],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, { natsReplicas }: Config) =>
        whenReady(() => GateBucket.open(connection, publisher, natsReplicas)),
    },
    {
      provide: GateLineStream,
      inject: [JetStreamConnection, JetStreamPublisher, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, manager: JetStreamManager) =>
        new GateLineStream(connection, publisher, manager),
    },
    {
      provide: SharedGates,
      inject: [GateBucket, GateLineStream, ExecutionJournal, CLOCK],
      useFactory: (values: GateBucket, lines: GateLineStream, executions: ExecutionJournal, clock: Clock) =>
        new SharedGates({ values, lines, executions, clock }),
    },
    {
      provide: PlacesInLine,
      inject: [GateLineStream],
      useFactory: (lines: GateLineStream) => new PlacesInLine(lines),
    },
  ],
  exports: [SharedGates, PlacesInLine],
})
export class GatesModule {}
