import { Module } from '@nestjs/common';
import { Operators } from '../queues/operators.ts';
import { ProjectionsController } from './projections.controller.ts';
import { ReadParked } from './read-parked.ts';
import { ReadProjections } from './read-projections.ts';
import { RebuildProjection } from './rebuild-projection.ts';

/** Projections of the role `api`. */
@Module({
  controllers: [ProjectionsController],
  providers: [Operators, ReadParked, ReadProjections, RebuildProjection],
})
export class ProjectionsModule {}
