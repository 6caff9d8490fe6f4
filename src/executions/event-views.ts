import { isTerminalEvent, type ExecutionEvent, type KeptResult, type OwnPayload } from '#libs/execution-engine';
import { lastVersionOf, type StoredCommit } from '#libs/event-sourcing';
import type { JsonValue } from '#libs/kernel';
import { ExecutionFold, recordedOutputOf, type ExecutionRecord } from '#libs/read-models';
import type { EventView } from './execution-view.ts';

type ValueOf = (payload: OwnPayload) => Promise<JsonValue>;

/**
 * Shows the events of one history as callers see them, payloads as the values they stand for. Some values are those of
 * earlier events, so it is to be given every commit, from the first.
 */
export class EventViews {
  readonly #fold = new ExecutionFold();
  #sequence = 0;
  #isOver = false;

  /** Events up to `afterVersion` are taken in and not shown. */
  constructor(
    private readonly valueOf: ValueOf,
    private readonly afterVersion = 0,
  ) {}

  /** Of the newest event it was given. */
  get version(): number {
    return this.#fold.version;
  }

  /** Of the newest commit it was given. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether the execution is over. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The events of the next commit; none when it was given before. */
  async *of(commit: StoredCommit<ExecutionEvent>): AsyncGenerator<EventView> {
    if (lastVersionOf(commit) <= this.version) return;
    this.#fold.add(commit);
    const { record } = this.#fold;
    this.#sequence = commit.sequence;
    this.#isOver ||= commit.events.some(({ type }) => isTerminalEvent(type));
    for (const [index, event] of commit.events.entries()) {
      const version = commit.firstVersion + index;
      if (version > this.afterVersion) yield await this.#viewOf(commit, { event, version, record });
    }
  }

  async #viewOf(
    { at, actor }: StoredCommit<ExecutionEvent>,
    { event, version, record }: { event: ExecutionEvent; version: number; record: ExecutionRecord | undefined },
  ): Promise<EventView> {
    const data = await this.#dataOf(event, record);
    return { version, type: event.type, at, data, ...(actor ? { actor } : {}) };
  }

  async #dataOf(event: ExecutionEvent, record: ExecutionRecord | undefined): Promise<EventView['data']> {
    const values: Record<string, unknown> = { ...event.data };
    for (const [field, payload] of payloadsIn(event, record))
      values[field] = payload ? await this.valueOf(payload) : null;
    if (event.type === 'ExecutionStarted' && event.data.pins) values['pins'] = await this.#valuesOf(event.data.pins);
    if (event.type === 'ResultsKept') values['nodes'] = await this.#keptOf(event.data.nodes);
    return values;
  }

  async #keptOf(nodes: Readonly<Record<string, KeptResult>>): Promise<Record<string, unknown>> {
    const kept = Object.entries(nodes).map(async ([id, result]) => {
      const shown = result.status === 'skipped' ? result : { ...result, output: await this.valueOf(result.output) };
      return [id, shown] as const;
    });
    return Object.fromEntries<unknown>(await Promise.all(kept));
  }

  async #valuesOf(payloads: Readonly<Record<string, OwnPayload>>): Promise<Record<string, JsonValue>> {
    const values = Object.entries(payloads).map(async ([id, payload]) => [id, await this.valueOf(payload)] as const);
    return Object.fromEntries(await Promise.all(values));
  }
}

/** Fields of an event's data that stand for values. */
function payloadsIn(
  event: ExecutionEvent,
  record: ExecutionRecord | undefined,
): readonly (readonly [string, OwnPayload | undefined])[] {
  switch (event.type) {
    case 'ExecutionStarted':
      return [['input', event.data.input]];
    case 'NodeSucceeded':
      return [['output', record && recordedOutputOf(record, event.data.nodeId)]];
    case 'SignalReceived':
      return [['payload', event.data.payload]];
    case 'NodeLoopStarted':
      return [['items', event.data.items]];
    case 'NodeBatchEnded':
      return [['results', event.data.results]];
    default:
      return [];
  }
}
