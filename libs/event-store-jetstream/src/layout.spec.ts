import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import {
  executionLog,
  liveSubjectOf,
  LOG_STREAM_COUNTS,
  partitionOf,
  partitionsOf,
  streamIndexOf,
  workflowLog,
} from './layout.ts';

const DIGITS = [...'0123456789abcdef'];
const ids = fc.string({
  minLength: 1,
  maxLength: 64,
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789_-'),
});

describe.each(LOG_STREAM_COUNTS)('the log in %i streams', (count) => {
  const indexes = Array.from({ length: count }, (_, index) => index);

  it('gives every digit to exactly one stream, neighbours together and as many to each', () => {
    const owned = indexes.map((index) => partitionsOf(index, count));
    expect(owned.flat()).toEqual(DIGITS);
    expect(new Set(owned.map((digits) => digits.length))).toEqual(new Set([16 / count]));
    expect(DIGITS.map((digit) => owned[streamIndexOf(digit, count)]?.includes(digit))).toEqual(DIGITS.map(() => true));
  });

  it('keeps each execution where a stream takes its subject', () => {
    const log = executionLog(count, 1);
    fc.assert(
      fc.property(ids, (id) => {
        const digit = partitionOf(id);
        expect(log.subjectOf(id)).toBe(`executions.${digit}.${id}`);
        const owner = log.streams.find((stream) => stream.subjects.includes(`executions.${digit}.*`));
        expect(log.streamOf(id)).toBe(owner?.name);
      }),
    );
  });
});

describe('partitionOf', () => {
  it('is one hex digit, always the same for an id', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(partitionOf(id)).toMatch(/^[0-9a-f]$/);
        expect(partitionOf(id)).toBe(partitionOf(id));
      }),
    );
  });

  it('never changes: stored executions lie where it says', () => {
    expect(['ex_1', 'ex_2', 'ex_01jd0zt5e8000000000000000000000000', ''].map(partitionOf)).toEqual([
      '5',
      'c',
      'e',
      'c',
    ]);
  });

  it.each([
    ['ids of chance', () => `ex_${randomUUID()}`],
    ['ids that count', (index: number) => `ex_${String(index).padStart(10, '0')}`],
  ])('spreads %s evenly', (_what, idOf) => {
    const counts = new Map(DIGITS.map((digit) => [digit, 0]));
    for (let index = 0; index < 32_000; index++) {
      const digit = partitionOf(idOf(index));
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    // 2,000 each, ± five standard deviations.
    for (const share of counts.values()) expect(Math.abs(share - 2000)).toBeLessThan(5 * Math.sqrt(2000 * (15 / 16)));
  });
});

describe('other subjects', () => {
  it('has commits republished where those wait who wait for an execution', () => {
    const log = executionLog(4, 1);
    expect(log.streams.map((stream) => stream.republish?.dest)).toEqual(log.streams.map(() => 'live.executions.>'));
    expect(liveSubjectOf('ex_1')).toBe(`live.${log.subjectOf('ex_1')}`);
  });

  it('has one stream for all workflows', () => {
    const log = workflowLog(3);
    expect(log.streams).toMatchObject([{ name: log.streamOf('wf_1'), subjects: ['workflows.*'], num_replicas: 3 }]);
    expect(log.subjectOf('wf_1')).toBe('workflows.wf_1');
  });
});
