import { mapPayloads, payloadsOf } from './event-payloads.ts';
import { executionEventSchema } from './event-schemas.ts';
import { eventSamples } from './testing/index.ts';

describe('the payloads of an event', () => {
  it.each(eventSamples())('of $name are all of its values', ({ stored }) => {
    const event = executionEventSchema.parse(stored);
    const text = JSON.stringify(event);
    const values = [...text.matchAll(/\{"(?:value|stored|erased)":/g)];
    expect(payloadsOf(event)).toHaveLength(values.length);
    expect(mapPayloads(event, (payload) => payload)).toEqual(event);
    const emptied = JSON.stringify(mapPayloads(event, () => ({ value: 'other' })));
    expect(emptied.split('{"value":"other"}')).toHaveLength(values.length + 1);
  });
});
