import { until } from '#libs/jetstream/testing';
import { MillraceError } from '#libs/kernel';
import { termsOf } from '#libs/schedule/testing';
import { scheduleDecider } from '#libs/schedule';
import type { KnownSchedule } from './schedule-snapshot.ts';
import { UnreadSchedules } from './unread-schedules.ts';

const knownAt = (sequence: number): KnownSchedule => {
  const context = {
    ...{ scheduleId: 'sch_1', nowMs: 0, calendar: { croner: '11', zones: '2026c' }, isLastUnderWay: false },
    executionIdOf: (slotMs: number) => `ex_${slotMs}`,
  };
  const command = { type: 'ArmSchedule', terms: termsOf(1), atMs: 0, by: 1 } as const;
  const [armed] = scheduleDecider.decide(command, scheduleDecider.initialState(), context);
  const state = armed && scheduleDecider.evolve(scheduleDecider.initialState(), armed, '1970-01-01T00:00:00.000Z');
  if (state?.status !== 'present') throw new Error('not armed');
  return { state, sequence, version: 1 };
};

describe('UnreadSchedules', () => {
  const read: (readonly [string, number])[] = [];
  const faults: unknown[] = [];
  /** Answers come when they are given. */
  const asked: { readonly id: string; readonly answer: PromiseWithResolvers<KnownSchedule | undefined> }[] = [];
  let unread: UnreadSchedules;

  beforeEach(() => {
    for (const told of [read, faults, asked]) told.length = 0;
    unread = new UnreadSchedules({
      read: (id) => {
        const answer = Promise.withResolvers<KnownSchedule | undefined>();
        asked.push({ id, answer });
        return answer.promise;
      },
      onRead: (id, { sequence }) => void read.push([id, sequence]),
      onFault: (error) => void faults.push(error),
    });
  });
  const answer = async (known: KnownSchedule | undefined): Promise<void> => {
    asked.at(-1)?.answer.resolve(known);
    await asked.at(-1)?.answer.promise;
  };

  it('are read one after another', async () => {
    unread.add('sch_1', 1);
    unread.add('sch_2', 2);
    expect(asked.map(({ id }) => id)).toEqual(['sch_1']);
    const { settled } = unread;
    await answer(knownAt(1));
    await until('it came to that', () => asked.length === 2);
    await answer(knownAt(2));
    await settled;
    expect(read).toEqual([
      ['sch_1', 1],
      ['sch_2', 2],
    ]);
  });

  it('are left alone once a later commit could be read', async () => {
    unread.add('sch_1', 1);
    const { settled } = unread;
    unread.delete('sch_1');
    await answer(knownAt(1));
    await settled;
    expect([read, asked.length]).toEqual([[], 1]);
  });

  it('are read again when one came meanwhile that can not be read either', async () => {
    unread.add('sch_1', 1);
    unread.add('sch_1', 2);
    const { settled } = unread;
    await answer(knownAt(1));
    await until('it came to that', () => asked.length === 2);
    await answer(knownAt(2));
    await settled;
    expect(read.at(-1)).toEqual(['sch_1', 2]);
  });

  it('are tried again when the log was away, and told of for good when they never can be read', async () => {
    unread.add('sch_1', 1);
    const { settled } = unread;
    asked[0]?.answer.reject(new MillraceError('unavailable', 'LOG_BUSY', 'away'));
    await until('it came to that', () => faults.length === 1);
    unread.add('sch_2', 2);
    await until('it came to that', () => asked.length === 2);
    asked[1]?.answer.reject(new Error('never'));
    await until('it came to that', () => asked.length === 3);
    await answer(knownAt(1));
    await settled;
    expect(asked.map(({ id }) => id).toSorted()).toEqual(['sch_1', 'sch_1', 'sch_2']);
    expect([read.length, faults.length]).toEqual([1, 2]);
  });
});
