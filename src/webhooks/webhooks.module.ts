import { Module } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Config } from '../config/config.ts';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { CredentialStoreModule } from '../credentials/credential-store.module.ts';
import { ExecutionReadsModule } from '../executions/execution-reads.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CONFIG } from '../platform/tokens.ts';
import { AnswerCall } from './answer-call.ts';
import { CallRates } from './call-rates.ts';
import { DeliveryMetrics } from './delivery-metrics.ts';
import { ForgetChangedCredentials } from './forget-changed-credentials.ts';
import { ReceiveCall } from './receive-call.ts';
import { RecordCall } from './record-call.ts';
import { SeenCalls } from './seen-calls.ts';
import { StartFromCall } from './start-from-call.ts';
import { VerifyCall } from './verify-call.ts';
import { WebhookSecrets } from './webhook-secrets.ts';
import { WebhookVerifiers } from './webhook-verifiers.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { AcceptCall } from './accept-call.ts';
import { WebhookIngestion } from './ingestion.ts';
import { RouteTableModule } from './route-table.module.ts';

/** Webhook URLs of the role `api`. */
@Module({
  imports: [RouteTableModule, RuntimeModule, VariableStoreModule, CredentialStoreModule, ExecutionReadsModule],
  providers: [
    {
      provide: SeenCalls,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, CONFIG, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, { natsReplicas }: Config) =>
        whenReady(() => SeenCalls.open(connection, publisher, natsReplicas)),
    },
    AcceptCall,
    AnswerCall,
    CallRates,
    DeliveryMetrics,
    ReceiveCall,
    RecordCall,
    StartFromCall,
    AnnouncedCredentialChanges,
    ForgetChangedCredentials,
    VerifyCall,
    WebhookSecrets,
    WebhookVerifiers,
    WebhookIngestion,
  ],
  exports: [RouteTableModule, WebhookIngestion],
})
export class WebhooksModule {}
