import { GateWorld, gatedPlan, InMemoryGateLines, InMemoryGateValues, type GateTask } from './testing/index.ts';

/** Steps of asking to enter where nobody waits and there is room; the next one tells the execution. */
const WRITING = 3;

describe('a worker that is stopped in the middle of asking', () => {
  const worldOf = () => {
    const [values, lines] = [new InMemoryGateValues(), new InMemoryGateLines()];
    const world = new GateWorld(gatedPlan({ settings: { concurrency: { limit: 1 } } }), { values, lines });
    const [stopped, other] = [world.newWorker(), world.newWorker()];
    return {
      values,
      lines,
      world,
      other,
      /** Begins the execution; gives the task that asks its gate. */
      askFor: async (executionId: string): Promise<GateTask> => {
        await world.start(other, executionId, 'a');
        await other.run(world.tasks.pop()!);
        return world.tasks.pop()!;
      },
      /** Lets `meanwhile` happen before the step, and kills the worker before a later one if told to. */
      run: async (
        task: GateTask,
        { before, diesBefore, meanwhile }: { before: number; diesBefore?: number; meanwhile: () => Promise<void> },
      ): Promise<void> => {
        let step = 0;
        const dying = stopped.run(task, async () => {
          if (step === diesBefore) throw new Error('killed');
          if (step++ === before) await meanwhile();
        });
        if (diesBefore === undefined) await dying;
        else await expect(dying).rejects.toThrow('killed');
      },
    };
  };

  it('takes no place for an execution that ended meanwhile, though nobody will ever give that back', async () => {
    const { world, values, other, askFor, run } = worldOf();
    const admit = await askFor('ex_1');
    const meanwhile = async (): Promise<void> => {
      await other.run({ kind: 'cancel', executionId: 'ex_1' });
      await world.settle(other);
      await other.run(admit);
    };
    await run(admit, { before: WRITING, diesBefore: WRITING + 1, meanwhile });
    expect(values.all).toEqual([{ holders: [] }]);
  });

  it('begins at once when who was in its way left before it joined the line', async () => {
    const { world, lines, other, askFor, run } = worldOf();
    await other.run(await askFor('ex_1'));
    const finish = world.tasks.pop()!;
    const admit = await askFor('ex_2');
    // Looks at the line, reads, looks at the oldest holder; then it joins.
    const meanwhile = async (): Promise<void> => {
      await other.run(finish);
      await world.settle(other);
    };
    await run(admit, { before: 3, meanwhile });
    expect([...world.underWay]).toEqual(['ex_2']);
    expect(lines.waiting).toEqual([]);
  });

  it('leaves nobody in line who ended before joining', async () => {
    const { world, lines, other, askFor, run } = worldOf();
    await other.run(await askFor('ex_1'));
    world.tasks.length = 0;
    const admit = await askFor('ex_2');
    const meanwhile = async (): Promise<void> => {
      await other.run({ kind: 'cancel', executionId: 'ex_2' });
      await world.settle(other);
    };
    await run(admit, { before: 3, diesBefore: 4, meanwhile });
    expect(lines.waiting).toHaveLength(1);
    await other.run(admit);
    expect(lines.waiting).toEqual([]);
    expect([...world.underWay]).toEqual(['ex_1']);
  });

  it('changes nothing when its execution was let in, began and ended meanwhile', async () => {
    const { world, values, lines, other, askFor, run } = worldOf();
    const admit = await askFor('ex_1');
    const meanwhile = async (): Promise<void> => {
      await other.run(admit);
      await world.settle(other, { finish: true });
    };
    await run(admit, { before: WRITING, meanwhile });
    expect(values.all).toEqual([{ holders: [] }]);
    expect(lines.waiting).toEqual([]);
    expect(world.typesOf('ex_1').at(-1)).toBe('ExecutionSucceeded');
  });
});
