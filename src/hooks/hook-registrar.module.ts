import { Module } from '@nestjs/common';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { LiveCredentialsModule } from '../credentials/live-credentials.module.ts';
import { WebhookSecrets } from '../webhooks/webhook-secrets.ts';
import { HookMetrics } from './hook-metrics.ts';
import { HookRegistrar } from './hook-registrar.service.ts';
import { HookStoreModule } from './hook-store.module.ts';

/** Of the role `worker`: hooks at services. */
@Module({
  imports: [LiveCredentialsModule, HookStoreModule],
  providers: [AnnouncedCredentialChanges, HookMetrics, HookRegistrar, WebhookSecrets],
})
export class HookRegistrarModule {}
