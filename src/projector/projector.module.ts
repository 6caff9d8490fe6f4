import { Module } from '@nestjs/common';
import { AuditStoreModule } from '../audit/audit-store.module.ts';
import { ArchiveStoreModule } from '../retention/archive-store.module.ts';
import { RetentionService } from '../retention/retention.service.ts';
import { ExpiredDeliveries } from './expired-deliveries.ts';
import { HistoryAnchorer } from './history-anchorer.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ProjectorService } from './projector.service.ts';
import { RebuildsService } from './rebuilds.service.ts';

/** The role `projector`. */
@Module({
  imports: [ArchiveStoreModule, AuditStoreModule],
  providers: [
    ProjectorService,
    ProjectorMetrics,
    ExpiredDeliveries,
    HistoryAnchorer,
    RebuildsService,
    RetentionService,
  ],
})
export class ProjectorModule {}
