import type { ExecutionEvent, KeptResult } from './events.ts';
import {
  begin,
  executionsOf,
  executionSucceeded,
  planOf,
  scheduled,
  skipped,
  started,
  succeeded,
  success,
} from './testing/index.ts';

const diamond = planOf(
  { start: 'trigger.manual', left: 'noop', right: 'noop', join: 'merge', end: 'noop', aside: 'noop' },
  ['start > left', 'start > right', 'left > join', 'right > join', 'join > end', 'aside > end'],
);
const { given } = executionsOf(diamond);
const result = (value: string): KeptResult => ({
  status: 'succeeded',
  attempt: 1,
  output: { value },
  leavesBy: ['main'],
});
const kept = (nodes: Readonly<Record<string, KeptResult>>): readonly ExecutionEvent[] => [
  started(),
  { type: 'ResultsKept', data: { nodes } },
];

describe('an execution that keeps results of another one', () => {
  it('begins where that one had come to, and does nothing again', () => {
    given(kept({ left: result('l') }))
      .when(begin)
      .then([scheduled('right')]);
  });

  it('computes with what was kept', () => {
    given([...kept({ left: result('l') }), scheduled('right')])
      .when(success('right', 'r'))
      .then([succeeded('right', 'r'), succeeded('join', { left: 'l', right: 'r' }), scheduled('end')]);
  });

  it('skips what is behind nodes that were skipped', () => {
    given(kept({ left: { status: 'skipped' }, right: { status: 'skipped' } }))
      .when(begin)
      .then([skipped('join'), skipped('end'), executionSucceeded()]);
  });

  it('is over at once when nothing was left to do', () => {
    given(kept({ left: result('l'), right: result('r'), join: result('j'), end: result('e') }))
      .when(begin)
      .then([executionSucceeded('end')]);
  });
});

describe('a node whose output is pinned', () => {
  const pinned: ExecutionEvent = {
    ...started(),
    data: { ...started().data, pins: { left: { value: 'pin' } } },
  };

  it('is not run: the pin is its output', () => {
    given([pinned])
      .when(begin)
      .then([succeeded('left', 'pin'), scheduled('right')]);
  });
});

describe('a dry run', () => {
  const plan = planOf(
    {
      start: 'trigger.manual',
      shape: { type: 'set', config: { values: { url: '{{ trigger.url }}' } } },
      pause: { type: 'wait.delay', config: { delayMs: 60_000 } },
      answer: { type: 'wait.signal', config: { name: 'yes' } },
      send: { type: 'http.request', config: { method: 'GET', url: '{{ nodes.shape.output.url }}' } },
    },
    ['start > shape', 'shape > pause', 'pause > answer', 'answer > send'],
  );
  const dry: ExecutionEvent = { ...started({ url: 'https://example.com' }) };

  it('computes, waits for nothing, and shows what it would have sent', () => {
    const events = executionsOf(plan)
      .given([{ ...dry, data: { ...dry.data, mode: 'dry' } }])
      .when(begin)
      .events();
    expect(events).toMatchObject([
      succeeded('shape', { url: 'https://example.com' }),
      succeeded('pause', { waitedMs: 0 }),
      succeeded('answer', { dryRun: true, signal: 'yes' }),
      { data: { output: { value: { dryRun: true, type: 'http.request', config: { url: 'https://example.com' } } } } },
      executionSucceeded('send'),
    ]);
  });
});
