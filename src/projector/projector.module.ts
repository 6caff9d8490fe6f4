import { Module } from '@nestjs/common';
import { AuditStoreModule } from '../audit/audit-store.module.ts';
import { MailStoreModule } from '../mail-records/mail-store.module.ts';
import { ArchiveStoreModule } from '../retention/archive-store.module.ts';
import { RetentionService } from '../retention/retention.service.ts';
import { ExpiredLedgers } from './expired-ledgers.ts';
import { HistoryAnchorer } from './history-anchorer.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ProjectorService } from './projector.service.ts';
import { RebuildsService } from './rebuilds.service.ts';

/** The role `projector`. */
@Module({
  // The store of mails makes the list of suppressions, which a projection follows.
  imports: [ArchiveStoreModule, AuditStoreModule, MailStoreModule],
  providers: [ProjectorService, ProjectorMetrics, ExpiredLedgers, HistoryAnchorer, RebuildsService, RetentionService],
})
export class ProjectorModule {}
