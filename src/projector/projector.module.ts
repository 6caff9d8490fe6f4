import { Module } from '@nestjs/common';
import { AuditStoreModule } from '../audit/audit-store.module.ts';
import { ExpiredDeliveries } from './expired-deliveries.ts';
import { HistoryAnchorer } from './history-anchorer.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ProjectorService } from './projector.service.ts';

/** The role `projector`. */
@Module({
  imports: [AuditStoreModule],
  providers: [ProjectorService, ProjectorMetrics, ExpiredDeliveries, HistoryAnchorer],
})
export class ProjectorModule {}
