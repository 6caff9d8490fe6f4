import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { VariableBucket, WorkspaceVariables } from '#libs/workspace-variables';
import type { Config } from '../config/config.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CONFIG } from '../platform/tokens.ts';
import { StartInput } from './start-input.ts';

/** Ends the watch of the variables with the process. */
@Injectable()
class WorkspaceVariablesLifecycle implements OnApplicationShutdown {
  constructor(private readonly variables: WorkspaceVariables) {}

  async onApplicationShutdown(): Promise<void> {
    await this.variables[Symbol.asyncDispose]();
  }
}

/** What every role needs that starts executions. */
@Module({
  imports: [RuntimeModule],
  providers: [
    {
      provide: WorkspaceVariables,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, Logger, CONFIG, LOG_MANAGER],
      useFactory: async (connection: JetStreamConnection, logger: Logger, { natsReplicas }: Config) => {
        const bucket = await whenReady(() => VariableBucket.open(connection, natsReplicas));
        return new WorkspaceVariables(bucket, (error) =>
          logger.warn({ error }, 'the variables can not be followed; each start asks for them until they can'),
        );
      },
    },
    WorkspaceVariablesLifecycle,
    StartInput,
  ],
  exports: [WorkspaceVariables, StartInput],
})
export class VariableStoreModule {}
