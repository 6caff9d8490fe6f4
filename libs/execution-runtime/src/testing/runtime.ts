import type { EventStore } from '#libs/event-sourcing';
import type { ExecutionEvent, PayloadStore, PlanSource, StartExecution } from '#libs/execution-engine';
import { InMemoryPayloadStore, NOW } from '#libs/execution-engine/testing';
import type { JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { ANYWHERE, type Destinations } from '../at-destination.ts';
import type { ExecutionStarter } from '../execution-starter.ts';
import { ExecutionJournal } from '../journal.ts';
import { KnownStates } from '../known-state.ts';
import type { ParkedExecutions } from '../parked-work.ts';
import { Payloads } from '../payloads.ts';

/** What one process has to change executions with. Several of them on one store are several processes. */
export interface Runtime {
  readonly journal: ExecutionJournal;
  readonly states: KnownStates;
  readonly payloads: Payloads;
  /** Milliseconds since 1970; the spec moves it. */
  readonly clock: { ms: number; nowMs(): number };
  readonly starter: ExecutionStarter;
  readonly newDeliveryName: () => string;
  readonly resumeUrlOf: (executionId: string, nodeId: string) => string;
  /** All are open. */
  readonly destinations: Destinations;
  /** Remembers by credential. */
  readonly parked: ParkedExecutions & { readonly ofCredential: ReadonlyMap<string, readonly string[]> };
}

let commits = 0;
let deliveries = 0;

export function runtimeOn(
  store: EventStore<ExecutionEvent>,
  /** Of all executions, or one for each version of a workflow. */
  plan: Plan | PlanSource,
  payloadStore: PayloadStore = new InMemoryPayloadStore(),
): Runtime {
  const clock = {
    ms: Date.parse(NOW),
    nowMs: () => clock.ms,
  };
  const states = new KnownStates(store);
  const payloads = new Payloads(payloadStore);
  const plans = 'planOf' in plan ? plan : { planOf: async () => plan };
  const newCommitId = (): string => `commit-${++commits}`;
  return {
    journal: new ExecutionJournal({ store, states, plans, payloads, clock, newCommitId }),
    states,
    payloads,
    clock,
    starter: { start: () => Promise.reject(new Error('specs start nothing unless they say so')) },
    resumeUrlOf: (executionId, nodeId) => `https://example.com/resume/${executionId}/${nodeId}`,
    newDeliveryName: () => `delivery-${++deliveries}`,
    destinations: { enter: async () => ANYWHERE },
    parked: inMemoryParked(),
  };
}

function inMemoryParked(): Runtime['parked'] {
  const ofCredential = new Map<string, readonly string[]>();
  return {
    ofCredential,
    remember: async (credentialId, executionId) =>
      void ofCredential.set(credentialId, [...(ofCredential.get(credentialId) ?? []), executionId]),
  };
}

export function startOf(input: JsonValue = {}): StartExecution {
  return {
    type: 'StartExecution',
    workspaceId: 'ws_1',
    workflowId: 'wf_drawn',
    workflowVersion: 1,
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input: { value: input },
    priority: 'normal',
  };
}
