import { Module } from '@nestjs/common';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ProjectorService } from './projector.service.ts';

/** The role `projector`. */
@Module({ providers: [ProjectorService, ProjectorMetrics] })
export class ProjectorModule {}
