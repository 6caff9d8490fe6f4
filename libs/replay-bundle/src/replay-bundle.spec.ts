import { hash } from 'node:crypto';
import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import {
  InMemoryPayloadStore,
  executionSucceeded,
  started,
  succeeded,
  succeededWith,
} from '#libs/execution-engine/testing';
import { MillraceError } from '#libs/kernel';
import { contentHashOf, EXAMPLE_DEFINITION } from '#libs/workflow-definition';
import { bundleText, definitionIn, firstFlawOf, parseBundle, type ReplayBundle } from './index.ts';

const payloads = new InMemoryPayloadStore();
const workflow = {
  id: 'wf_drawn',
  name: EXAMPLE_DEFINITION.name,
  version: 1,
  contentHash: contentHashOf(EXAMPLE_DEFINITION, (text) => hash('sha256', text)),
  definition: EXAMPLE_DEFINITION,
};
const commit = (firstVersion: number, ...events: readonly ExecutionEvent[]): StoredCommit<ExecutionEvent> => ({
  ...{ id: `c${firstVersion}`, aggregateId: 'ex_1', at: `2026-11-28T10:00:0${firstVersion}.000Z` },
  ...{ firstVersion, events, sequence: firstVersion },
  tasks: [{ queue: 'run.http', payload: {} }],
});

async function written(...commits: readonly StoredCommit<ExecutionEvent>[]): Promise<string> {
  async function* log(): AsyncGenerator<StoredCommit<ExecutionEvent>> {
    yield* commits;
  }
  const sources = { executionId: 'ex_1', workspaceId: 'ws_1', workflow, commits: log() };
  let text = '';
  for await (const part of bundleText({ ...sources, valueAt: (reference) => payloads.get(reference) })) text += part;
  return text;
}

const history = async (): Promise<readonly StoredCommit<ExecutionEvent>[]> => {
  const stored = await payloads.put('ex_1', JSON.stringify({ large: 'x'.repeat(100) }));
  return [
    { ...commit(1, started({ n: 1 })), actor: { type: 'user', id: 'usr_1' } },
    commit(2, succeeded('shape', { n: 2 }), succeededWith('notify', { stored })),
    commit(4, executionSucceeded('notify')),
  ];
};

describe('a replay bundle', () => {
  it('holds all values, and its hashes fit', async () => {
    const bundle = parseBundle(await written(...(await history())));
    expect(firstFlawOf(bundle)).toBeUndefined();
    expect(definitionIn(bundle)).toEqual(EXAMPLE_DEFINITION);
    expect(bundle.commits[1]?.events[1]).toMatchObject({ data: { output: { value: { large: 'x'.repeat(100) } } } });
    expect(bundle.commits[0]).toEqual({
      ...{ firstVersion: 1, at: '2026-11-28T10:00:01.000Z', actor: { type: 'user', id: 'usr_1' } },
      events: [started({ n: 1 })],
    });
  });

  it('is the same text each time', async () => {
    const commits = await history();
    expect(await written(...commits)).toBe(await written(...commits));
  });

  it.each<[string, (bundle: ReplayBundle) => ReplayBundle, RegExp]>([
    [
      'an event that was changed',
      (bundle) => ({
        ...bundle,
        commits: bundle.commits.with(1, { ...bundle.commits[1]!, at: '2026-11-28T11:00:00.000Z' }),
      }),
      /^event 2 \(NodeSucceeded\) does not fit/,
    ],
    [
      'a commit that was removed',
      (bundle) => ({ ...bundle, commits: bundle.commits.toSpliced(1, 1) }),
      /^event 2 is missing: after 1 comes 4$/,
    ],
    [
      'a tail that was cut',
      (bundle) => ({ ...bundle, commits: bundle.commits.slice(0, 2) }),
      /hashes of 4 events, and 3/,
    ],
    [
      'another definition',
      (bundle) => ({
        ...bundle,
        workflow: { ...bundle.workflow, definition: { ...EXAMPLE_DEFINITION, name: 'Other' } },
      }),
      /^the definition does not fit/,
    ],
    [
      'another hash of the history',
      (bundle) => ({ ...bundle, digests: { ...bundle.digests, history: 'AAAA' } }),
      /^the hash of the history/,
    ],
  ])('tells %s', async (_, change, flaw) => {
    const bundle = parseBundle(await written(...(await history())));
    expect(firstFlawOf(change(bundle))).toMatch(flaw);
  });

  it.each<[string, (bundle: object) => unknown, RegExp]>([
    ['another format', (bundle) => ({ ...bundle, format: 'other' }), /it is no replay bundle/],
    [
      'a later version',
      (bundle) => ({ ...bundle, formatVersion: 2 }),
      /its formatVersion is 2, and this Millrace reads 1/,
    ],
    ['a field that nobody knows', (bundle) => ({ ...bundle, more: 1 }), /Unrecognized key: "more"/],
    ['no commits', (bundle) => ({ ...bundle, commits: [] }), /commits/],
    ['a list', () => [], /it is no replay bundle/],
  ])('is refused with %s', async (_, change, message) => {
    const text = await written(...(await history()));
    const changed = JSON.stringify(change(JSON.parse(text) as object));
    expect(() => parseBundle(changed)).toThrow(MillraceError);
    expect(() => parseBundle(changed)).toThrow(message);
  });

  it('is refused when it is cut off', async () => {
    const text = await written(...(await history()));
    expect(() => parseBundle(text.slice(0, -20))).toThrow('it is not JSON');
  });
});
