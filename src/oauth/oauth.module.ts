import { Module } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { LiveCredentialsModule } from '../credentials/live-credentials.module.ts';
import { ParkedExecutionsModule } from '../executions/parked-executions.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { BeginConnection } from './begin-connection.ts';
import { FinishConnection } from './finish-connection.ts';
import { Flows } from './flows.ts';
import { OAuthController } from './oauth.controller.ts';
import { PkceVerifiers } from './pkce.ts';
import { RevokeTokens } from './revoke-tokens.ts';
import { StartPages } from './start-pages.ts';
import { WakeParked } from './wake-parked.ts';

/** Accounts that people connect, of the role `api`. */
@Module({
  imports: [LiveCredentialsModule, ParkedExecutionsModule, RuntimeModule],
  controllers: [OAuthController],
  providers: [
    {
      provide: Flows,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, CONFIG, CLOCK, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, config: Config, clock: Clock) =>
        whenReady(() => Flows.open(connection, publisher, { replicas: config.natsReplicas, clock })),
    },
    BeginConnection,
    FinishConnection,
    PkceVerifiers,
    RevokeTokens,
    StartPages,
    WakeParked,
  ],
  exports: [StartPages],
})
export class OAuthModule {}
