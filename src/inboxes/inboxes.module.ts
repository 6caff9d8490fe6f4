import { Module } from '@nestjs/common';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { CredentialStoreModule } from '../credentials/credential-store.module.ts';
import { MailModule } from '../mail/mail.module.ts';
import { RouteTableModule } from '../webhooks/route-table.module.ts';
import { InboxMetrics } from './inbox-metrics.ts';
import { InboxReports } from './inbox-reports.ts';
import { InboxStoreModule } from './inbox-store.module.ts';
import { InboxWatcher } from './inbox-watcher.service.ts';
import { TakeInboxMessage } from './take-inbox-message.ts';
import { WatchedInboxes } from './watched-inboxes.ts';

/** Of the role `mail`: mailboxes elsewhere. */
@Module({
  imports: [CredentialStoreModule, InboxStoreModule, MailModule, RouteTableModule],
  providers: [AnnouncedCredentialChanges, InboxMetrics, InboxReports, InboxWatcher, TakeInboxMessage, WatchedInboxes],
})
export class InboxesModule {}
