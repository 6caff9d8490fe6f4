import type { Msg } from '@nats-io/nats-core';
import { deliveryInfoOf } from './delivery.ts';

/** The only field that is looked at. */
const delivered = (reply: string): Msg => ({ reply }) as Msg;

describe('deliveryInfoOf', () => {
  const info = { deliveryCount: 3, sequence: 1007, consumerSequence: 12, pending: 5 };

  it.each([
    ['as ever', '$JS.ACK.TASKS_0.executor-http.3.1007.12.1700000000000000000.5'],
    ['with domain and account', '$JS.ACK.hub.ACCHASH.TASKS_0.executor-http.3.1007.12.1700000000000000000.5'],
    ['with a token after', '$JS.ACK._.ACCHASH.TASKS_0.executor-http.3.1007.12.1700000000000000000.5.r4nd0m'],
  ])('reads an acknowledgement subject %s', (_form, reply) => {
    expect(deliveryInfoOf(delivered(reply))).toEqual(info);
  });
});
