import { DeliverPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';

/** Where in a stream of schedules a follower is. */
export class StreamPlace {
  /** Of the last message seen. */
  sequence = 0;
  #createdAt = '';

  /** @param onAnew told when the stream is not the one that it was */
  constructor(private readonly onAnew: () => void) {}

  /** After the last message seen; from each schedule's last when the stream is not the one that it was. */
  startAt({ created, state }: StreamInfo): Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig> {
    if (created === this.#createdAt && this.sequence > 0 && this.sequence <= state.last_seq)
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.sequence + 1 };
    if (this.sequence > 0) this.onAnew();
    this.#createdAt = created;
    this.sequence = 0;
    return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: 'schedules.>' };
  }
}
