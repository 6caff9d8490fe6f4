import { z } from 'zod';
import { eventView, executionView, startedView } from './execution-view.ts';

describe('the views of executions', () => {
  it.each([
    ['Execution', executionView],
    ['ExecutionEvent', eventView],
    ['StartedExecution', startedView],
  ])('%s has examples that are as it says', (id, schema: z.ZodType) => {
    const { examples = [], ...meta } = schema.meta() ?? {};
    expect(meta.id).toBe(id);
    expect(examples).not.toEqual([]);
    for (const example of examples) expect(schema.parse(example)).toEqual(example);
  });
});
