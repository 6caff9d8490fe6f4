import fc from 'fast-check';
import { NewestFirst } from './newest-first.ts';
import type { ScheduleIdentity } from './schedule-summary.ts';

const scheduleOf = (id: string, armedAtMs: number): ScheduleIdentity => ({
  ...{ id, armedAtMs, workspaceId: 'ws_1', workflowId: 'wf_1' },
});
const idsOf = (schedules: Iterable<ScheduleIdentity>): string[] => [...schedules].map(({ id }) => id);

describe('NewestFirst', () => {
  it('is empty until something comes, and when all has gone', () => {
    const list = new NewestFirst();
    const one = scheduleOf('sch_1', 1);
    expect(list.isEmpty).toBe(true);
    list.add(one);
    expect(list.isEmpty).toBe(false);
    expect(idsOf(list.behind(undefined))).toEqual(['sch_1']);
    list.delete(one);
    expect(list.isEmpty).toBe(true);
    expect(idsOf(list.behind(undefined))).toEqual([]);
  });

  it('goes on with a page that was begun, whatever comes and goes', () => {
    const list = new NewestFirst();
    const [old, recent] = [scheduleOf('sch_1', 1), scheduleOf('sch_2', 2)];
    list.add(old);
    list.add(recent);
    const page = list.behind(undefined);
    expect(page.next().value).toBe(recent);
    list.delete(old);
    list.add(scheduleOf('sch_3', 3));
    expect(idsOf(list.behind(undefined))).toEqual(['sch_3', 'sch_2']);
    expect(page.next().value).toBe(old);
  });

  it('is in the order of instant and id, whatever came, went and was asked in between', () => {
    const act = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant('add'), atMs: fc.nat(5), many: fc.constantFrom(1, 1, 40) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), at: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask'), atMs: fc.nat(6), id: fc.nat(400) }) },
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const list = new NewestFirst();
        let model: ScheduleIdentity[] = [];
        let made = 0;
        const inOrder = (): ScheduleIdentity[] =>
          model.toSorted((one, other) => other.armedAtMs - one.armedAtMs || (one.id < other.id ? 1 : -1));
        for (const does of acts) {
          if ('many' in does) {
            for (let count = 0; count < does.many; count++) {
              const schedule = scheduleOf(idOf(made++), does.atMs);
              model.push(schedule);
              list.add(schedule);
            }
          } else if ('at' in does) {
            const gone = model[does.at % Math.max(1, model.length)];
            if (gone) list.delete(gone);
            model = model.filter((one) => one !== gone);
          } else if ('id' in does) {
            const place = { armedAtMs: does.atMs, id: idOf(does.id) };
            const isBehind = (one: ScheduleIdentity): boolean =>
              one.armedAtMs === place.armedAtMs ? one.id < place.id : one.armedAtMs < place.armedAtMs;
            expect([...list.behind(place)]).toEqual(inOrder().filter(isBehind));
          }
        }
        expect([...list.behind(undefined)]).toEqual(inOrder());
        expect(list.isEmpty).toBe(model.length === 0);
      }),
    );
  });
});

const idOf = (nth: number): string => `sch_${String(nth).padStart(4, '0')}`;
