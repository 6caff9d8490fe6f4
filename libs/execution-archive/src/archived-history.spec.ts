import { gunzipSync, gzipSync } from 'node:zlib';
import { createCommitCodec } from '#libs/event-store-jetstream';
import { executionEventSchema, type ExecutionEvent } from '#libs/execution-engine';
import { eventSamples } from '#libs/execution-engine/testing';
import type { StoredCommit } from '#libs/event-sourcing';
import { objectsIn, packHistory, unpackHistory } from './archived-history.ts';

const codec = createCommitCodec(executionEventSchema);
const AT = '2026-11-28T10:00:00.000Z';
const OVER = { workspaceId: 'ws_1', finishedAt: AT };

function commitOf(event: ExecutionEvent, index: number): StoredCommit<ExecutionEvent> {
  return {
    id: `c${index}`,
    aggregateId: 'ex_1',
    firstVersion: index + 1,
    at: AT,
    events: [event],
    sequence: 10 * index + 7,
  };
}

describe('a history in the archive', () => {
  const commits = eventSamples().map(({ stored }, index) => commitOf(executionEventSchema.parse(stored), index));

  it('is what it was in the log, with every shape of event that there is', async () => {
    const packed = await packHistory(OVER, commits, codec);
    expect(await unpackHistory(packed.history, codec)).toEqual(commits);
    expect(packed).toMatchObject({ executionId: 'ex_1', ...OVER, events: commits.length });
    expect(packed.bytes).toBe(gunzipSync(packed.history).length);
  });

  it('has no snapshots, which are made again', async () => {
    const [first] = commits;
    const packed = await packHistory(OVER, [{ ...first!, snapshot: { version: 1, state: {} } }], codec);
    expect(await unpackHistory(packed.history, codec)).toEqual([first]);
  });

  it('names the objects that it refers to, each once', async () => {
    const stored = { object: 'ex_1/a', bytes: 3, sha256: 'x' };
    const received = (payload: object): ExecutionEvent =>
      executionEventSchema.parse({ type: 'SignalReceived', data: { name: 'a', payload } });
    const both = [received({ stored }), received({ stored }), received({ value: { stored } })].map(commitOf);
    expect(objectsIn(both)).toEqual(['ex_1/a']);
    expect((await packHistory(OVER, both, codec)).objects).toEqual(['ex_1/a']);
  });

  it('is refused when it is not one', async () => {
    await expect(unpackHistory(Buffer.from('nothing'), codec)).rejects.toThrow('incorrect header');
    await expect(unpackHistory(gzipSync('1\n{}\n[]'), codec)).rejects.toThrow('not a commit');
    await expect(packHistory(OVER, [], codec)).rejects.toThrow('without commits');
  });
});
