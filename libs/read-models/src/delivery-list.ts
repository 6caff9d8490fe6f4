import { isJsonObject } from '#libs/kernel';
import { deliveryIdOf, executionIdOf } from '#libs/webhook-deliveries';
import type { ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import { searchExecutions } from './execution-search.ts';
import { termsAskedFor } from './execution-terms.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { DeliveryOutcome, DeliveryRecord } from './delivery-record.ts';
import { listUnaccepted } from './delivery-table.ts';
import type { FoundWebhook } from './webhook-table.ts';

/** A page of a webhook's calls, newest first. */
export interface DeliveryQuery {
  /** Types of triggers that are called: what else starts at the node is no delivery. */
  readonly calledTypes: readonly string[];
  readonly outcome?: DeliveryOutcome | undefined;
  /** Why it was refused, or started nothing. */
  readonly reason?: string | undefined;
  /** At or after. */
  readonly from?: string | undefined;
  /** Before. */
  readonly to?: string | undefined;
  /** Only those after this one in the list's order. */
  readonly after?: ListPlace | undefined;
  readonly limit: number;
}

/**
 * Two lists in one order: of accepted calls, which are found by their executions, and of those that became none. Each gives
 * as much as is asked for, so that the newest of both are the newest of all.
 */
export async function listDeliveries(
  database: Database,
  webhook: FoundWebhook,
  query: DeliveryQuery,
): Promise<DeliveryRecord[]> {
  const [accepted, others] = await Promise.all([
    listAccepted(database, webhook, query),
    listOthers(database, webhook, query),
  ]);
  return [...accepted, ...others].sort(newestFirst).slice(0, query.limit);
}

async function listAccepted(
  database: Database,
  { workspaceId, workflowId, webhookId, nodeId }: FoundWebhook,
  { calledTypes: triggerTypes, outcome, reason, from, to, after, limit }: DeliveryQuery,
): Promise<DeliveryRecord[]> {
  if ((outcome ?? 'accepted') !== 'accepted' || reason !== undefined) return [];
  const termsOn = termsAskedFor({ workspaceId, workflowId, nodeId });
  if (!termsOn) return [];
  const records = await searchExecutions(database, {
    ...{ workspaceId, workflowId, triggerTypes, termsOn, limit },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(after ? { after: { ...after, id: executionIdOf(after.id) } } : {}),
  });
  return records.map((record) => acceptedRecord(webhookId, record));
}

async function listOthers(
  database: Database,
  { workspaceId, webhookId }: FoundWebhook,
  { outcome, ...query }: DeliveryQuery,
): Promise<DeliveryRecord[]> {
  if (outcome === 'accepted') return [];
  return listUnaccepted(database, { ...query, workspaceId, webhookId, outcome });
}

function acceptedRecord(webhookId: string, { id, createdAt, input, origin }: ExecutionRecord): DeliveryRecord {
  return {
    id: deliveryIdOf(id),
    webhookId,
    createdAt,
    outcome: 'accepted',
    status: 202,
    reason: null,
    executionId: id,
    redeliveryOf: origin?.kind === 'redelivery' ? origin.executionId : null,
    method: textIn(input, 'method'),
    ip: textIn(input, 'ip'),
    calls: 1,
  };
}

/** Null where the trigger's output is kept apart, as it was large. */
function textIn(input: ExecutionRecord['input'], field: string): string | null {
  const value = 'value' in input && isJsonObject(input.value) ? input.value[field] : undefined;
  return typeof value === 'string' ? value : null;
}

function newestFirst(one: DeliveryRecord, other: DeliveryRecord): number {
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}
