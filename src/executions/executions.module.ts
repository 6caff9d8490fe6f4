import { Module } from '@nestjs/common';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { ExecutionReadsModule } from './execution-reads.module.ts';
import { ContinuingModule } from './continuing.module.ts';
import { ContinuingController } from './continuing.controller.ts';
import { EventStreamController } from './event-stream.controller.ts';
import { EventStreams } from './event-streams.ts';
import { ExecutionFilesController } from './execution-files.controller.ts';
import { ExecutionsController } from './executions.controller.ts';
import { FollowExecution } from './follow-execution.ts';
import { GatesModule } from './gates.module.ts';
import { LiveCommits } from './live-commits.ts';
import { PlaceInLine } from './place-in-line.ts';
import { InDoubtController } from './in-doubt.controller.ts';
import { ReadLineage } from './read-lineage.ts';
import { ResumeController } from './resume.controller.ts';
import { RuntimeModule } from './runtime.module.ts';
import { StartExecutionsController } from './start-executions.controller.ts';
import { SendSignal } from './send-signal.ts';
import { SettleAttempt } from './settle-attempt.ts';
import { StartManually } from './start-manually.ts';
import { SteerExecution } from './steer-execution.ts';
import { SteeringController } from './steering.controller.ts';

@Module({
  imports: [RuntimeModule, ExecutionReadsModule, ContinuingModule, GatesModule, VariableStoreModule, WorkflowsModule],
  controllers: [
    ExecutionsController,
    ExecutionFilesController,
    EventStreamController,
    StartExecutionsController,
    ContinuingController,
    SteeringController,
    InDoubtController,
    ResumeController,
  ],
  providers: [
    PlaceInLine,
    EventStreams,
    FollowExecution,
    LiveCommits,
    StartManually,
    SteerExecution,
    ReadLineage,
    SendSignal,
    SettleAttempt,
  ],
})
export class ExecutionsModule {}
