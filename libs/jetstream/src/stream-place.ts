import { DeliverPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';

/** How far a follower is that keeps the newest message of each subject of a stream. */
export class StreamPlace {
  /** Of the last message seen; 0 before the first. */
  sequence = 0;
  #createdAt = '';

  /**
   * @param filter of the subjects that are kept
   * @param onAnew told when the stream is not the one that it was: what is kept is not of it
   */
  constructor(
    private readonly filter: string,
    private readonly onAnew: () => void,
  ) {}

  /** After the last message seen; from each subject's last when the stream is not the one that it was. */
  startAt({ created, state }: StreamInfo): Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig> {
    if (created === this.#createdAt && this.sequence > 0 && this.sequence <= state.last_seq)
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.sequence + 1 };
    const isAnew = this.sequence > 0;
    this.#createdAt = created;
    this.sequence = 0;
    if (isAnew) this.onAnew();
    return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: this.filter };
  }
}
