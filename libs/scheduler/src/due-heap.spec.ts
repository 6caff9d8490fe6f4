import fc from 'fast-check';
import { DueHeap } from './due-heap.ts';

const popAll = (heap: DueHeap, nowMs = Infinity): (readonly [string, number])[] => {
  const popped: (readonly [string, number])[] = [];
  for (let due = heap.popDue(nowMs); due; due = heap.popDue(nowMs)) popped.push([due.id, due.dueMs]);
  return popped;
};

describe('DueHeap', () => {
  it('gives nothing before it is due', () => {
    const heap = new DueHeap();
    expect(heap.popDue(Infinity)).toBeUndefined();
    heap.push('a', 10);
    expect(heap.first).toEqual({ id: 'a', dueMs: 10 });
    expect(heap.popDue(9)).toBeUndefined();
    expect(heap.popDue(10)).toEqual({ id: 'a', dueMs: 10 });
    expect(heap.size).toBe(0);
  });

  it('may hold somebody several times', () => {
    const heap = new DueHeap();
    heap.push('a', 20);
    heap.push('a', 10);
    expect(heap.size).toBe(2);
    expect(popAll(heap)).toEqual([
      ['a', 10],
      ['a', 20],
    ]);
  });

  it('forgets all when it is told to', () => {
    const heap = new DueHeap();
    heap.push('a', 1);
    heap.clear();
    expect([heap.size, heap.first, heap.popDue(5)]).toEqual([0, undefined, undefined]);
  });

  it('gives the earliest first, whatever is put and taken in between', () => {
    const turns = fc.array(fc.oneof(fc.record({ push: fc.nat(50) }), fc.record({ popUpTo: fc.nat(50) })), {
      maxLength: 200,
      size: 'max',
    });
    fc.assert(
      fc.property(turns, (acts) => {
        const heap = new DueHeap();
        let model: number[] = [];
        for (const act of acts) {
          if ('push' in act) {
            heap.push('a', act.push);
            model.push(act.push);
            continue;
          }
          const dues = model.filter((dueMs) => dueMs <= act.popUpTo).sort((one, other) => one - other);
          model = model.filter((dueMs) => dueMs > act.popUpTo);
          expect(popAll(heap, act.popUpTo).map(([, dueMs]) => dueMs)).toEqual(dues);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.first?.dueMs).toBe(model.length > 0 ? Math.min(...model) : undefined);
      }),
    );
  });
});
