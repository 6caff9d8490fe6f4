import { LRUCache } from 'lru-cache';
import type { JsonValue } from '#libs/kernel';
import {
  INLINE_PAYLOAD_LIMIT,
  type ExecutionEvent,
  type ExecutionState,
  type OwnPayload,
  type PayloadReference,
  type PayloadStore,
  type StoredValues,
} from '#libs/execution-engine';

const MAX_CACHED_BYTES = 32 * 1024 * 1024;

/** Moves values between events and the payload store: out of events when they are large, in before a decision. */
export class Payloads {
  readonly #recent = new LRUCache<string, { value: JsonValue }>({ maxSize: MAX_CACHED_BYTES });

  constructor(private readonly store: PayloadStore) {}

  /** The payload to record for a value: itself, or a reference to where it was put. */
  async toPayload(executionId: string, value: JsonValue): Promise<OwnPayload> {
    const json = JSON.stringify(value);
    if (json.length <= INLINE_PAYLOAD_LIMIT) return { value };
    const stored = await this.store.put(executionId, json);
    this.#recent.set(stored.object, { value }, { size: stored.bytes });
    return { stored };
  }

  /** The events with every large output put away. */
  async putAway(executionId: string, events: readonly ExecutionEvent[]): Promise<readonly ExecutionEvent[]> {
    if (!events.some(mayBeLarge)) return events;
    return Promise.all(
      events.map(async (event): Promise<ExecutionEvent> => {
        if (event.type !== 'NodeSucceeded' || !('value' in event.data.output)) return event;
        const output = await this.toPayload(executionId, event.data.output.value);
        return { type: event.type, data: { ...event.data, output } };
      }),
    );
  }

  /** Values of all that the state refers to. */
  async loadFor(state: ExecutionState): Promise<StoredValues> {
    const references = referencesIn(state);
    const values = await Promise.all(references.map(async (one) => [one.object, await this.valueAt(one)] as const));
    return new Map(values);
  }

  async valueAt(reference: PayloadReference): Promise<JsonValue> {
    const cached = this.#recent.get(reference.object);
    if (cached) return cached.value;
    const value = await this.store.get(reference);
    this.#recent.set(reference.object, { value }, { size: reference.bytes });
    return value;
  }
}

/** A cheap no for the many events that carry nothing, a value of a few fields or a short text. */
function mayBeLarge(event: ExecutionEvent): boolean {
  if (event.type !== 'NodeSucceeded' || !('value' in event.data.output)) return false;
  const { value } = event.data.output;
  return typeof value === 'object' ? value !== null : typeof value === 'string' && value.length > 1024;
}

function referencesIn(state: ExecutionState): readonly PayloadReference[] {
  if (state.status === 'none') return [];
  const outputs = Object.values(state.nodes).flatMap((node) => ('output' in node ? [node.output] : []));
  return [state.input, ...outputs].flatMap((payload) => ('stored' in payload ? [payload.stored] : []));
}
