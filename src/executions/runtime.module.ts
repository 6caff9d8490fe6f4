import { Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { ObjectPayloadStore } from '#libs/event-store-jetstream';
import { ExecutionJournal, KnownStates, Payloads, PlanCache } from '#libs/execution-runtime';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import { EXECUTION_LOG, WORKFLOW_LOG, type ExecutionLog, type WorkflowLog } from '../platform/nats/tokens.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { loadPlan } from '../workflows/load-plan.ts';

/** What changes executions in this process, shared by its roles: one journal, so one mailbox for each execution. */
@Module({
  providers: [
    {
      provide: PlanCache,
      inject: [WORKFLOW_LOG, NODE_TYPES],
      useFactory: ({ store }: WorkflowLog, nodeTypes: NodeTypes) =>
        new PlanCache((workflowId, version) => loadPlan(store, nodeTypes, { workflowId, version })),
    },
    { provide: Payloads, inject: [ObjectPayloadStore], useFactory: (store: ObjectPayloadStore) => new Payloads(store) },
    {
      provide: KnownStates,
      inject: [EXECUTION_LOG],
      useFactory: ({ store }: ExecutionLog) => new KnownStates(store),
    },
    {
      provide: ExecutionJournal,
      inject: [EXECUTION_LOG, KnownStates, PlanCache, Payloads, CLOCK, Logger],
      // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
      useFactory: (
        { store }: ExecutionLog,
        states: KnownStates,
        plans: PlanCache,
        payloads: Payloads,
        clock: Clock,
        logger: Logger,
      ) =>
        new ExecutionJournal({
          ...{ store, states, plans, payloads, clock },
          newCommitId: () => randomUUID(),
          onLongHistory: (executionId, events) =>
            logger.warn({ executionId, events }, 'a history grows long; should its workflow be split?'),
        }),
    },
  ],
  exports: [PlanCache, Payloads, KnownStates, ExecutionJournal],
})
export class RuntimeModule {}
