import { arm, at, decide, lived, ms, pause, specAt } from '../testing/schedule-spec.ts';
import { SLOT_QUEUE, readSlotStart, slotStartsOf } from './slot-starts.ts';

describe('what a commit of a schedule starts', () => {
  const history = lived(
    ['10:00', arm('10:00', 1, { misfire: 'runAll' })],
    ['10:01', decide],
    ['10:02:30', arm('10:02:30', 2, { priority: 'high', readsVariables: true, hasPayload: true })],
  );
  const state = specAt('10:00').fold(history);

  it('is an execution for each slot fired, by the version that it belongs to', () => {
    const events = specAt('10:03').given(history).when(decide).events();
    const starts = slotStartsOf(events, state, at('10:03')).map(readSlotStart);
    expect(starts).toEqual([
      {
        ...{ executionId: 'ex@10:02:00', scheduledFor: at('10:02'), firedAt: at('10:03'), missed: 0 },
        ...{ workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 'every', version: 1 },
        ...{ priority: 'normal', readsVariables: false, hasPayload: false },
      },
      expect.objectContaining({
        scheduledFor: at('10:03'),
        version: 2,
        priority: 'high',
        readsVariables: true,
        hasPayload: true,
      }),
    ]);
  });

  it('is an execution of the active version for a slot that is backfilled', () => {
    const events = specAt('10:02:40')
      .given(history)
      .when({ type: 'BackfillSlot', slotMs: ms('10:01') })
      .events();
    expect(slotStartsOf(events, state, at('10:02:40')).map(readSlotStart)).toMatchObject([
      { executionId: 'ex@10:01:00', scheduledFor: at('10:01'), firedAt: at('10:02:40'), missed: 0, version: 2 },
    ]);
  });

  it('is nothing for other events', () => {
    expect(slotStartsOf(history, { status: 'none' }, at('10:00'))).toEqual([]);
    expect(slotStartsOf(specAt('10:02:40').given(history).when(pause).events(), state, at('10:00'))).toEqual([]);
  });

  it('is not read from what is something else', () => {
    const events = specAt('10:02').given(history).when(decide).events();
    const [task] = slotStartsOf(events, state, at('10:02'));
    expect(readSlotStart({ queue: 'run.http', payload: task!.payload })).toBeUndefined();
    expect(readSlotStart({ queue: SLOT_QUEUE, payload: { ...task!.payload, version: 0 } })).toBeUndefined();
    expect(readSlotStart({ queue: SLOT_QUEUE, payload: {} })).toBeUndefined();
    expect(readSlotStart({ queue: SLOT_QUEUE, payload: { ...task!.payload, more: 1 } })).toEqual(task!.payload);
  });
});
