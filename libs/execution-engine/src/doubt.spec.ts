import type { ExecutionCommand, Verdict } from './commands.ts';
import type { ExecutionEvent } from './events.ts';
import {
  executionFailed,
  executionsOf,
  executionSucceeded,
  failed,
  fire,
  NOW,
  nodeTypesWith,
  planOf,
  scheduled,
  started,
  succeeded,
  success,
} from './testing/index.ts';

const types = nodeTypesWith(() => Promise.reject(new Error('specs run nothing')));
const sending = (onInterrupted: 'retry' | 'fail' | 'ask') =>
  executionsOf(planOf({ start: 'trigger.manual', send: { type: 'work', onInterrupted } }, ['start > send'], types));

const ofAttempt = { nodeId: 'send', attempt: 1 };
const begun = [started(), scheduled('send', 1, 'work')];
const by = (name: string): ExecutionEvent => ({ type: 'NodeStarted', data: { ...ofAttempt, by: name } });
const beginning = (name: string): ExecutionCommand => ({ type: 'BeginAttempt', ...ofAttempt, by: name });
const interruption: ExecutionCommand = { type: 'RecordInterruption', ...ofAttempt };
const inDoubt: ExecutionEvent = { type: 'NodeWaiting', data: { ...ofAttempt, on: { kind: 'person' } } };
const settle = (verdict: Verdict, attempt = 1): ExecutionCommand => ({
  type: 'SettleAttempt',
  nodeId: 'send',
  attempt,
  verdict,
});

describe('an attempt that must not be repeated', () => {
  it('begins once', () => {
    sending('ask')
      .given(begun)
      .when(beginning('one'))
      .then([by('one')]);
    sending('ask')
      .given([...begun, by('one')])
      .when(beginning('other'))
      .thenNothing();
  });

  it('that is interrupted is put before a person', () => {
    sending('ask')
      .given([...begun, by('one')])
      .when(interruption)
      .then([inDoubt]);
  });

  it('that is interrupted fails, when that is what its node says', () => {
    const error = {
      code: 'INTERRUPTED',
      message: 'the worker that made the attempt is gone, and nobody knows what came of it',
    };
    sending('fail')
      .given([...begun, by('one')])
      .when(interruption)
      .then([failed('send', error), executionFailed('send', error)]);
  });

  it('is not interrupted before it begins', () => {
    sending('ask').given(begun).when(interruption).thenNothing();
  });
});

describe('an attempt in doubt', () => {
  const doubted = [...begun, by('one'), inDoubt];

  it('is settled by a person', () => {
    const { given } = sending('ask');
    const error = { code: 'INTERRUPTED', message: 'it was not sent' };
    given(doubted)
      .when(settle({ kind: 'succeeded', output: 'sent' }))
      .then([succeeded('send', 'sent'), executionSucceeded('send')]);
    given(doubted)
      .when(settle({ kind: 'retry' }))
      .then([scheduled('send', 2, 'work')]);
    given(doubted)
      .when(settle({ kind: 'failed', message: 'it was not sent' }))
      .then([failed('send', error), executionFailed('send', error)]);
  });

  it('is settled by its worker, if that was only slow', () => {
    sending('ask')
      .given(doubted)
      .when(success('send', 'sent'))
      .then([succeeded('send', 'sent'), executionSucceeded('send')]);
  });

  it('is settled once, and no other attempt with it', () => {
    sending('ask')
      .given(doubted)
      .when(settle({ kind: 'retry' }, 2))
      .thenNothing();
    sending('ask')
      .given([...doubted, scheduled('send', 2, 'work')])
      .when(settle({ kind: 'retry' }))
      .thenNothing();
  });

  it('that is in no doubt is settled by nobody', () => {
    sending('ask')
      .given([...begun, by('one')])
      .when(settle({ kind: 'retry' }))
      .thenNothing();
  });
});

describe('an attempt of which the other side never said what came', () => {
  const fault = { code: 'NO_ANSWER', message: 'the connection broke' };
  const unknown: ExecutionCommand = {
    type: 'RecordFailure',
    ...ofAttempt,
    failure: { ...fault, retryable: false, inDoubt: true },
  };
  const asked: ExecutionEvent = { type: 'NodeWaiting', data: { ...ofAttempt, on: { kind: 'person', error: fault } } };

  it.each(['retry', 'ask'] as const)('is put before a person, whether its node says %s', (onInterrupted) => {
    sending(onInterrupted).given(begun).when(unknown).then([asked]);
    sending(onInterrupted)
      .given([...begun, by('one')])
      .when(unknown)
      .then([asked]);
  });

  it('fails, when that is what its node says', () => {
    sending('fail')
      .given([...begun, by('one')])
      .when(unknown)
      .then([failed('send', fault), executionFailed('send', fault)]);
  });

  it('is asked about once', () => {
    sending('ask')
      .given([...begun, asked])
      .when(unknown)
      .thenNothing();
  });

  it('keeps its code when a person says that it failed', () => {
    const error = { code: 'NO_ANSWER', message: 'it never came' };
    sending('retry')
      .given([...begun, asked])
      .when(settle({ kind: 'failed', message: 'it never came' }))
      .then([failed('send', error), executionFailed('send', error)]);
  });
});

describe('an attempt whose destination takes none', () => {
  const reason = { kind: 'circuit', key: 'api:443' } as const;
  const postponed: ExecutionEvent = { type: 'NodePostponed', data: { ...ofAttempt, dueAt: NOW, reason } };
  const postpone: ExecutionCommand = { type: 'PostponeAttempt', ...ofAttempt, dueAt: NOW, reason };

  const putBackOnce: ExecutionEvent = {
    type: 'NodeScheduled',
    data: { ...ofAttempt, executor: 'work', putBacks: 1 },
  };

  it('is put back', () => {
    sending('ask').given(begun).when(postpone).then([postponed]);
  });

  it('comes again as the same attempt', () => {
    sending('ask')
      .given([...begun, postponed])
      .when(fire('again-send'))
      .then([putBackOnce]);
  });

  it('is not put back twice, nor once it has begun', () => {
    sending('ask')
      .given([...begun, postponed])
      .when(postpone)
      .thenNothing();
    sending('ask')
      .given([...begun, by('one')])
      .when(postpone)
      .thenNothing();
  });
});

describe('an attempt whose credential has to be connected again', () => {
  const ofAttempt = { nodeId: 'send', attempt: 2 };
  const parkedFor = (kind: 'credential' | 'rateLimit', key: string): ExecutionEvent => ({
    type: 'NodePostponed',
    data: { ...ofAttempt, dueAt: NOW, reason: { kind, key } },
  });
  const resume: ExecutionCommand = { type: 'ResumeParked', credentialId: 'cr_1' };
  const history = [started(), scheduled('send', 2, 'work')];

  it('goes on as the same attempt, once', () => {
    const parked = [...history, parkedFor('credential', 'cr_1')];
    sending('retry')
      .given(parked)
      .when(resume)
      .then([{ type: 'NodeScheduled', data: { ...ofAttempt, executor: 'work', putBacks: 1 } }]);
    sending('retry')
      .given([...parked, scheduled('send', 2, 'work')])
      .when(fire('again-send'))
      .thenNothing();
  });

  it.each([
    ['another credential was connected', [...history, parkedFor('credential', 'cr_2')]],
    ['it waits for something else', [...history, parkedFor('rateLimit', 'cr_1')]],
    ['it goes on already', history],
  ])('is left alone when %s', (_, events) => {
    sending('retry').given(events).when(resume).thenNothing();
  });
});
