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

/** Whether the index of terms is needed: workflow and status alone have an index in the order of lists. */
export function isTermSearch({ triggerType, nodeId, q }: TermSearch): boolean {
  return [triggerType, nodeId, q].some((asked) => asked !== undefined);
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

function wordsOf(record: ExecutionRecord): ReadonlySet<string> {
  const { error, input, endNodes = [] } = record;
  const words = new BoundedWords();
  if (error) {
    words.addAllIn(error.code);
    words.addAllIn(error.message);
    words.addAllIn(error.details ?? null);
  }
  words.addAllOf(input);
  for (const nodeId of endNodes) {
    const output = recordedOutputOf(record, nodeId);
    // What only passed through was looked at as the input.
    if (output && output !== input) words.addAllOf(output);
  }
  return words.known;
}

class BoundedWords {
  readonly known = new Set<string>();
  /** UTF-16 units that may still be looked through. */
  #room = MAX_TEXT_LENGTH;

  addAllOf(payload: OwnPayload): void {
    if ('value' in payload) this.addAllIn(payload.value);
  }

  /** In their order. Values are nested no deeper than our walls let in. */
  addAllIn(value: JsonValue): void {
    if (typeof value === 'string') this.#addText(value);
    else if (typeof value === 'number') this.#addText(String(value));
    else if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) this.addAllIn(inner);
  }

  #addText(text: string): void {
    if (this.#room <= 0) return;
    for (const word of wordsIn(text.slice(0, this.#room))) if (this.known.size < MAX_WORDS) this.known.add(word);
    this.#room -= text.length;
  }
}
