import { SNAPSHOT_VERSION, stateOfSnapshot } from './snapshot.ts';
import { executionsOf, planOf, retryScheduled, scheduled, skipped, started, succeeded } from './testing/index.ts';

const { fold } = executionsOf(planOf({ start: 'trigger.manual' }));
const state = fold([
  started({ a: [1, { b: null }], ü: '\u0000' }),
  scheduled('constructor'),
  scheduled('one'),
  succeeded('one', 'text'),
  skipped('two'),
  retryScheduled('constructor', 1, { error: { code: 'A', message: '' }, dueAt: '2026-11-23T10:00:01.000Z' }),
]);
const stored = (snapshot: unknown): unknown => JSON.parse(JSON.stringify(snapshot));

describe('a snapshot', () => {
  it('gives the state back that it was made of', () => {
    expect(stateOfSnapshot(stored({ version: SNAPSHOT_VERSION, state }))).toEqual(state);
  });

  it.each([0, SNAPSHOT_VERSION + 1, String(SNAPSHOT_VERSION), null])('of version %j is ignored', (version) => {
    expect(stateOfSnapshot(stored({ version, state }))).toBeUndefined();
  });

  it.each([undefined, null, 'text', 7, [], {}, { state }])('is not %j', (snapshot) => {
    expect(stateOfSnapshot(snapshot)).toBeUndefined();
  });
});
