import type { ExecutionRecord, NodeRecord } from '#libs/read-models';
import type { WaitingOn } from './execution-view.ts';

type Links = { readonly resumeUrlOf: (executionId: string, nodeId: string) => string };

/** Why an execution that is not over does not move: the first reason there is, in the order in which nodes were reached. */
export function waitingOnOf(record: ExecutionRecord, links: Links): WaitingOn | null {
  if (record.status === 'queued') return waitsAtTheDoor(record);
  if (record.status !== 'running' && record.status !== 'waiting') return null;
  for (const [nodeId, node] of Object.entries(record.nodes)) {
    const reason = record.status === 'running' ? hand(nodeId, node) : cause(record.id, nodeId, node, links);
    if (reason) return reason;
  }
  return null;
}

function waitsAtTheDoor({ admission }: ExecutionRecord): WaitingOn {
  const gate = admission?.gates[admission.passed];
  if (!gate || !admission?.held) return { kind: 'worker' };
  if (gate.kind === 'concurrency') return { kind: 'concurrency', key: gate.key, place: null };
  return { kind: gate.kind, key: gate.key, at: admission.held.until ?? null };
}

/** Somebody works on it, or will as soon as there is a hand free. */
function hand(nodeId: string, { status, loop }: NodeRecord): WaitingOn | undefined {
  const isLooping = Object.values(loop?.open ?? {}).some((batch) => batch.status === 'scheduled');
  return status === 'scheduled' || status === 'running' || isLooping ? { kind: 'worker', nodeId } : undefined;
}

function cause(executionId: string, nodeId: string, node: NodeRecord, links: Links): WaitingOn | undefined {
  if (node.waits) return causeOfWait(executionId, { nodeId, waits: node.waits }, links);
  if (node.retryAt !== undefined) return causeOfDelay(nodeId, { dueAt: node.retryAt, postponed: node.postponed });
  return causeInLoop(nodeId, node);
}

function causeInLoop(nodeId: string, { loop }: NodeRecord): WaitingOn | undefined {
  const [batch] = Object.values(loop?.open ?? {});
  if (batch?.status === 'waiting') return { kind: 'execution', nodeId, executionId: batch.executionId };
  return batch?.status === 'retrying' ? causeOfDelay(nodeId, batch) : undefined;
}

function causeOfWait(
  executionId: string,
  { nodeId, waits: { on } }: { readonly nodeId: string; readonly waits: NonNullable<NodeRecord['waits']> },
  { resumeUrlOf }: Links,
): WaitingOn {
  switch (on.kind) {
    case 'timer':
      return { kind: 'timer', nodeId, at: on.dueAt };
    case 'signal':
      return {
        kind: 'signal',
        nodeId,
        name: on.name,
        at: on.dueAt ?? null,
        resumeUrl: resumeUrlOf(executionId, nodeId),
      };
    case 'execution':
      return { kind: 'execution', nodeId, executionId: on.executionId };
    case 'person':
      return { kind: 'person', nodeId };
  }
}

function causeOfDelay(
  nodeId: string,
  { dueAt, postponed }: { readonly dueAt: string; readonly postponed?: NodeRecord['postponed'] },
): WaitingOn {
  if (!postponed) return { kind: 'retry', nodeId, at: dueAt };
  const { kind, key } = postponed;
  if (kind === 'credential') return { kind, nodeId, credentialId: key, at: dueAt };
  return { kind, nodeId, at: dueAt, destination: key };
}
