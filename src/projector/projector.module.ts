import { Module } from '@nestjs/common';
import { ExpiredDeliveries } from './expired-deliveries.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ProjectorService } from './projector.service.ts';
import { RebuildsService } from './rebuilds.service.ts';

/** The role `projector`. */
@Module({ providers: [ProjectorService, ProjectorMetrics, ExpiredDeliveries, RebuildsService] })
export class ProjectorModule {}
