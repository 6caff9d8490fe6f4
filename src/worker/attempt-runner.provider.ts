import { randomUUID } from 'node:crypto';
import type { FactoryProvider } from '@nestjs/common';
import { Destinations } from '#libs/destination-limits-jetstream';
import { AttemptRunner, ExecutionJournal, Payloads, PlanCache } from '#libs/execution-runtime';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { ParkedExecutionsBucket } from '#libs/parked-executions';
import { LiveCredentials } from '../credentials/live-credentials.ts';
import { ResumeLinks } from '../executions/resume-links.ts';
import { StartForExecution } from '../executions/start-for-execution.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';

export const attemptRunnerProvider: FactoryProvider<AttemptRunner> = {
  provide: AttemptRunner,
  inject: [
    ExecutionJournal,
    PlanCache,
    Payloads,
    LiveCredentials,
    Destinations,
    StartForExecution,
    ParkedExecutionsBucket,
    ResumeLinks,
    NODE_TYPES,
    CLOCK,
    Logger,
  ],
  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  useFactory: (
    journal: ExecutionJournal,
    plans: PlanCache,
    payloads: Payloads,
    credentials: LiveCredentials,
    destinations: Destinations,
    starter: StartForExecution,
    parked: ParkedExecutionsBucket,
    links: ResumeLinks,
    nodeTypes: NodeTypes,
    clock: Clock,
    logger: Logger,
  ) =>
    new AttemptRunner({
      journal,
      plans,
      payloads,
      nodeTypes,
      credentials,
      destinations,
      starter,
      parked,
      resumeUrlOf: (executionId, nodeId) => links.urlOf(executionId, nodeId),
      clock,
      newDeliveryName: () => randomUUID(),
      onFault: (error, attempt) => logger.error({ error, ...attempt }, 'a node type threw what it should not'),
    }),
};
