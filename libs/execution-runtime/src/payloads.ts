import { LRUCache } from 'lru-cache';
import type { JsonValue } from '#libs/kernel';
import {
  INLINE_PAYLOAD_LIMIT,
  NO_STORED_VALUES,
  type ExecutionEvent,
  type ExecutionState,
  type KeptLoop,
  type KeptResult,
  type NodeState,
  type OwnPayload,
  type Payload,
  type PayloadReference,
  type PayloadStore,
  type StoredValues,
} from '#libs/execution-engine';

/**
 * UTF-16 units of JSON that the outputs of one commit may have together. A commit is one message, and the server refuses
 * one above its `max_payload`; a decision that computes many nodes would otherwise never be stored.
 */
const INLINE_COMMIT_LIMIT = 8 * INLINE_PAYLOAD_LIMIT;

type KeptLoops = Readonly<Record<string, KeptLoop>>;
type ResultsKept = Extract<ExecutionEvent, { readonly type: 'ResultsKept' }>;

/** UTF-16 units of JSON that a commit still has place for. */
interface Room {
  left: number;
}

const MAX_CACHED_BYTES = 32 * 1024 * 1024;

/** Moves values between events and the payload store: out of events when they are large, in before a decision. */
export class Payloads {
  readonly #recent = new LRUCache<string, { value: JsonValue }>({ maxSize: MAX_CACHED_BYTES });

  constructor(private readonly store: PayloadStore) {}

  /** The payload to record for a value: itself, or a reference to where it was put. */
  async toPayload(executionId: string, value: JsonValue): Promise<OwnPayload> {
    const json = JSON.stringify(value);
    return json.length <= INLINE_PAYLOAD_LIMIT ? { value } : this.#put(executionId, value, json);
  }

  /** The same for what events should never hold, however small it is; once by its name, however often it is put. */
  putAside(executionId: string, value: JsonValue, name: string): Promise<OwnPayload> {
    return this.#put(executionId, value, JSON.stringify(value), name);
  }

  /** The events of one commit with every large value put away, and those for which the commit has no room. */
  async putAway(executionId: string, events: readonly ExecutionEvent[]): Promise<readonly ExecutionEvent[]> {
    if (!events.some((event) => event.type === 'ResultsKept' || mayBeLarge(valueIn(event)))) return events;
    const room = { left: INLINE_COMMIT_LIMIT };
    return Promise.all(
      events.map(async (event): Promise<ExecutionEvent> => {
        if (event.type === 'ResultsKept') return this.#putResultsAway(executionId, event, room);
        const value = valueIn(event);
        if (value === undefined) return event;
        return withPayload(event, await this.#payloadWithin(room, executionId, value));
      }),
    );
  }

  /** An execution that goes on with the results of another one records them all at once. */
  async #putResultsAway(executionId: string, { type, data }: ResultsKept, room: Room): Promise<ResultsKept> {
    const nodes = await Promise.all(
      Object.entries(data.nodes).map(async ([nodeId, result]): Promise<[string, KeptResult]> => {
        if (result.status === 'skipped' || !('value' in result.output)) return [nodeId, result];
        return [nodeId, { ...result, output: await this.#payloadWithin(room, executionId, result.output.value) }];
      }),
    );
    const { loops, ...rest } = data;
    const kept = { ...rest, nodes: Object.fromEntries(nodes) };
    return { type, data: loops ? { ...kept, loops: await this.#putLoopsAway(executionId, loops, room) } : kept };
  }

  async #putLoopsAway(executionId: string, loops: KeptLoops, room: Room): Promise<KeptLoops> {
    const within = async (payload: OwnPayload): Promise<OwnPayload> =>
      'value' in payload ? this.#payloadWithin(room, executionId, payload.value) : payload;
    const put = Object.entries(loops).map(async ([nodeId, loop]): Promise<[string, KeptLoop]> => {
      const [items, ...results] = await Promise.all([loop.items, ...loop.results].map(within));
      return [nodeId, { ...loop, items: items ?? loop.items, results }];
    });
    return Object.fromEntries(await Promise.all(put));
  }

  /** The value itself while there is room for it, which it takes at once. */
  #payloadWithin(room: Room, executionId: string, value: JsonValue): Promise<OwnPayload> {
    const json = JSON.stringify(value);
    if (json.length > Math.min(INLINE_PAYLOAD_LIMIT, room.left)) return this.#put(executionId, value, json);
    room.left -= json.length;
    return Promise.resolve({ value });
  }

  /** Values of all that the state refers to. */
  async loadFor(state: ExecutionState): Promise<StoredValues> {
    const references = referencesIn(state);
    if (references.length === 0) return NO_STORED_VALUES;
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

  async #put(executionId: string, value: JsonValue, json: string, name?: string): Promise<OwnPayload> {
    const stored = await this.store.put(executionId, json, name);
    this.#recent.set(stored.object, { value }, { size: stored.bytes });
    return { stored };
  }
}

/** A cheap no for what is nothing, a number or a short text; how large an object is only its JSON tells. */
function mayBeLarge(value: JsonValue | undefined): boolean {
  return typeof value === 'object' ? value !== null : typeof value === 'string' && value.length > 1024;
}

/** The value that an event makes: an output, the items of a loop, the results of a batch. */
function valueIn(event: ExecutionEvent): JsonValue | undefined {
  const payload = payloadIn(event);
  return payload && 'value' in payload ? payload.value : undefined;
}

function payloadIn(event: ExecutionEvent): Payload | undefined {
  switch (event.type) {
    case 'NodeSucceeded':
      return event.data.output;
    case 'NodeLoopStarted':
      return event.data.items;
    case 'NodeBatchEnded':
      return event.data.results;
    default:
      return undefined;
  }
}

function withPayload(event: ExecutionEvent, payload: OwnPayload): ExecutionEvent {
  switch (event.type) {
    case 'NodeSucceeded':
      return { type: event.type, data: { ...event.data, output: payload } };
    case 'NodeLoopStarted':
      return { type: event.type, data: { ...event.data, items: payload } };
    case 'NodeBatchEnded':
      return { type: event.type, data: { ...event.data, results: payload } };
    default:
      return event;
  }
}

function referencesIn(state: ExecutionState): readonly PayloadReference[] {
  if (state.status === 'none') return [];
  const payloads: Payload[] = [state.input, ...Object.values(state.pins ?? {})];
  for (const { payload } of state.signals ?? []) payloads.push(payload);
  for (const node of Object.values(state.nodes)) payloads.push(...payloadsOf(node));
  for (const { items, results } of Object.values(state.keptLoops ?? {})) payloads.push(items, ...results);
  return payloads.flatMap((payload) => ('stored' in payload ? [payload.stored] : []));
}

function payloadsOf(node: NodeState): readonly Payload[] {
  if ('output' in node) return [node.output];
  return node.status === 'looping' ? [node.loop.items, ...node.loop.results] : [];
}
