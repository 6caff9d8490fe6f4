import type { Msg } from '@nats-io/nats-core';

/** Where a delivered message stands, from its acknowledgement subject. */
export interface DeliveryInfo {
  /** Sequence in the stream. */
  readonly sequence: number;
  /** Sequence in the consumer: dense, so a gap means that something was not seen. */
  readonly consumerSequence: number;
  /** How often JetStream handed it over, from 1. Never an attempt: the engine counts those. */
  readonly deliveryCount: number;
  readonly pending: number;
}

/**
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>`, or with domain and account
 * before the stream: counted from the end of the nine, respectively after the eleven, known tokens (nats ADR-15).
 */
export function deliveryInfoOf(message: Msg): DeliveryInfo {
  const tokens = (message.reply ?? '').split('.');
  const base = tokens.length >= 11 ? 4 : 2;
  return {
    deliveryCount: Number(tokens[base + 2]),
    sequence: Number(tokens[base + 3]),
    consumerSequence: Number(tokens[base + 4]),
    pending: Number(tokens[base + 6]),
  };
}
