import { asksFor, mayBeOpen, signOf, type MessageEvidence } from './evidence.ts';

const message = (more: Partial<MessageEvidence> = {}): MessageEvidence => ({
  kind: 'message',
  isThere: false,
  askedForAt: 10,
  handedOut: { floor: 10, delivered: 10, unacknowledged: 0, oldestOpen: undefined },
  ...more,
});
const gone = message();
const inHands = message({ askedForAt: 11 });

describe('what was found', () => {
  it.each([
    ['a message that lies there', message({ isThere: true, askedForAt: undefined }), 'alive'],
    ['a message in a commit that is not acknowledged', inHands, 'onItsWay'],
    ['a message whose commit was handed out', gone, 'dead'],
    ['a message that no commit asked for', message({ askedForAt: undefined }), 'dead'],
    ['a child that is not over', { kind: 'child', state: 'open' }, 'alive'],
    ['a child that nobody started', { kind: 'child', state: 'absent' }, 'dead'],
    [
      'a child that is over and tells so',
      { kind: 'child', state: 'over', told: message({ isThere: true }) },
      'onItsWay',
    ],
    ['a child that is over and will tell so', { kind: 'child', state: 'over', told: inHands }, 'onItsWay'],
    ['a child that is over and told nobody', { kind: 'child', state: 'over', told: gone }, 'dead'],
    ['nothing, where nothing has to be', { kind: 'nothing' }, 'alive'],
  ] as const)('%s', (_what, evidence, sign) => {
    expect(signOf(evidence)).toBe(sign);
  });

  it.each([
    ['behind one who is not over', true, [{ state: 'open' }], 'alive'],
    ['behind one who is over and leaves', true, [{ state: 'over', left: inHands }], 'alive'],
    ['behind one who is over and has not left', true, [{ state: 'over', left: gone }], 'dead'],
    ['behind several of whom one will leave', true, [{ state: 'absent' }, { state: 'open' }], 'alive'],
    ['behind nobody', true, [], 'dead'],
    ['in no line', false, [{ state: 'open' }], 'dead'],
  ] as const)('a place in line %s', (_what, isInLine, holders, sign) => {
    expect(signOf({ kind: 'place', isInLine, holders })).toBe(sign);
  });
});

describe('a commit', () => {
  const handedOut = { floor: 10, delivered: 20, unacknowledged: 1, oldestOpen: 12 };

  it.each([
    ['at the floor is acknowledged', 10, handedOut, false],
    ['that nobody was given is open', 21, handedOut, true],
    ['that alone is in hands is open', 12, handedOut, true],
    ['above the one in hands is acknowledged', 15, handedOut, false],
    ['above the floor may be open while several are in hands', 15, { ...handedOut, unacknowledged: 2 }, true],
    ['above the floor is acknowledged when none is in hands', 12, { ...handedOut, unacknowledged: 0 }, false],
  ])('%s', (_which, sequence, how, is) => {
    expect(mayBeOpen(sequence, how)).toBe(is);
  });
});

describe('whether a commit asked for it', () => {
  const task = { queue: 'run.http', payload: { executionId: 'ex_1', nodeId: 'call', attempt: 1 } };

  it('by a task', () => {
    expect(asksFor({ tasks: [task] }, { kind: 'task', task })).toBe(true);
    expect(asksFor({ tasks: [{ ...task, queue: 'run.code' }] }, { kind: 'task', task })).toBe(false);
    expect(asksFor({}, { kind: 'task', task })).toBe(false);
  });

  it('by arming a timer, which dropping it does not do', () => {
    const reason = { kind: 'timer', id: 'timeout', dueAt: '2026-01-01T00:00:00.000Z' } as const;
    expect(asksFor({ timers: [{ kind: 'arm', id: 'timeout', dueAt: reason.dueAt }] }, reason)).toBe(true);
    expect(asksFor({ timers: [{ kind: 'drop', id: 'timeout' }] }, reason)).toBe(false);
    expect(asksFor({ tasks: [task] }, reason)).toBe(false);
  });
});
