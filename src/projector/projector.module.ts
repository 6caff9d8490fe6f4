import { Module } from '@nestjs/common';
import { ArchiveStoreModule } from '../retention/archive-store.module.ts';
import { RetentionService } from '../retention/retention.service.ts';
import { ExpiredDeliveries } from './expired-deliveries.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ProjectorService } from './projector.service.ts';
import { RebuildsService } from './rebuilds.service.ts';

/** The role `projector`. */
@Module({
  imports: [ArchiveStoreModule],
  providers: [ProjectorService, ProjectorMetrics, ExpiredDeliveries, RebuildsService, RetentionService],
})
export class ProjectorModule {}
