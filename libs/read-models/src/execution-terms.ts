import type { OwnPayload } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';
import { recordedOutputOf, type ExecutionRecord } from './execution-record.ts';
import { wordsAskedFor, wordsIn } from './search-words.ts';
import { ShelfTerms, type Term, type TermKind } from './terms.ts';

/** Distinct words of one execution; those that come later in its texts are not found. */
export const MAX_WORDS = 256;
/** UTF-16 units of text that are looked through for words, per execution. */
export const MAX_TEXT_LENGTH = 32 * 1024;

/**
 * What the execution is found by on its shelf: workflow, trigger and status, the nodes that took part, and the words of
 * its error, its input and its output, in this order. Texts and numbers count, names of fields do not; nor does a payload
 * that lies in the object store.
 */
export function termsOf(record: ExecutionRecord, shelf: string): Term[] {
  const on = new ShelfTerms(record.workspaceId, shelf);
  const terms = [
    on.of('workflow', record.workflowId),
    on.of('trigger', record.trigger.type),
    on.of('status', record.status),
  ];
  for (const [nodeId, { status }] of Object.entries(record.nodes)) {
    if (status !== 'skipped') terms.push(on.of('node', nodeId));
  }
  for (const word of wordsOf(record)) terms.push(on.of('word', word));
  return terms;
}

/** What an execution must have all of to be found. */
export interface TermSearch {
  readonly workspaceId: string;
  readonly workflowId?: string;
  readonly triggerType?: string;
  readonly status?: string;
  readonly nodeId?: string;
  /** A text whose words all occur. */
  readonly q?: string;
}

/** Whether the index of terms is needed: all else has an index of its own. */
export function isTermSearch({ nodeId, q }: TermSearch): boolean {
  return nodeId !== undefined || q !== undefined;
}

/** Gives the terms asked for on any shelf; undefined when nothing can be found, as `q` holds no word. */
export function termsAskedFor(search: TermSearch): ((shelf: string) => Term[]) | undefined {
  const words = search.q === undefined ? [] : wordsAskedFor(search.q);
  if (search.q !== undefined && words.length === 0) return undefined;
  const asked: (readonly [TermKind, string | undefined])[] = [
    ['workflow', search.workflowId],
    ['trigger', search.triggerType],
    ['status', search.status],
    ['node', search.nodeId],
    ...words.map((word) => ['word', word] as const),
  ];
  return (shelf) => {
    const on = new ShelfTerms(search.workspaceId, shelf);
    return asked.flatMap(([kind, text]) => (text === undefined ? [] : [on.of(kind, text)]));
  };
}

function wordsOf(record: ExecutionRecord): Set<string> {
  const words = new Set<string>();
  let room = MAX_TEXT_LENGTH;
  for (const text of textsOf(record)) {
    for (const word of wordsIn(text.slice(0, room))) {
      if (words.size === MAX_WORDS) return words;
      words.add(word);
    }
    room -= text.length;
    if (room <= 0) break;
  }
  return words;
}

function* textsOf(record: ExecutionRecord): Generator<string> {
  const { error, input, endNodes = [] } = record;
  if (error) {
    yield* [error.code, error.message];
    yield* textsIn(error.details ?? null);
  }
  yield* textsInPayload(input);
  for (const nodeId of endNodes) {
    const output = recordedOutputOf(record, nodeId);
    // What only passed through was looked at as the input.
    if (output && output !== input) yield* textsInPayload(output);
  }
}

function textsInPayload(payload: OwnPayload): Iterable<string> {
  return 'value' in payload ? textsIn(payload.value) : [];
}

/** In their order. Values are nested no deeper than our walls let in. */
function* textsIn(value: JsonValue): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner);
}
