import { LogUnavailableError } from '#libs/event-sourcing';
import {
  openBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { digestOf, flowSchema, type Flow } from './flow.ts';

/** Stands in the place of a flow that was used, so that it can be told from one that never was. */
const USED = 'used';

export type FoundFlow =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'used' }
  | { readonly kind: 'open'; readonly flow: Flow; readonly revision: number };

/** Flows under way, by the digest of their state; shared by all processes, each gone by itself after ten minutes. */
export class Flows {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly bucket: Bucket,
    private readonly clock: Clock,
  ) {}

  static async open(
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    { replicas, clock }: { readonly replicas: number; readonly clock: Clock },
  ): Promise<Flows> {
    const options = { name: 'oauth-flows', description: 'Accounts that are being connected', replicas };
    const bucket = await openBucket(connection, { ...options, entriesMayExpire: true });
    return new Flows(connection, publisher, bucket, clock);
  }

  begin(state: string, flow: Flow): Promise<boolean> {
    return this.#write(state, flow, { text: JSON.stringify(flow), revision: 0 });
  }

  async find(state: string): Promise<FoundFlow> {
    const found = await readLastFromLeader(this.connection, this.bucket.stream, this.#subjectOf(state));
    if (!found) return { kind: 'unknown' };
    const text = new TextDecoder().decode(found.data);
    if (text === USED) return { kind: 'used' };
    const flow = flowSchema.parse(JSON.parse(text));
    if (flow.endsAtMs <= this.clock.nowMs()) return { kind: 'unknown' };
    return { kind: 'open', flow, revision: found.sequence };
  }

  /** False when somebody changed it since. */
  change(state: string, flow: Flow, revision: number): Promise<boolean> {
    return this.#write(state, flow, { text: JSON.stringify(flow), revision });
  }

  /** False when somebody else used it first. */
  use(state: string, flow: Flow, revision: number): Promise<boolean> {
    return this.#write(state, flow, { text: USED, revision });
  }

  #subjectOf(state: string): string {
    return `${this.bucket.subjectPrefix}${digestOf(state)}`;
  }

  /** Goes when the flow ends, however often it was written. */
  async #write(
    state: string,
    { endsAtMs }: Flow,
    { text, revision }: { readonly text: string; readonly revision: number },
  ): Promise<boolean> {
    const leftSeconds = Math.max(1, Math.ceil((endsAtMs - this.clock.nowMs()) / 1_000));
    try {
      await this.publisher.publish(this.#subjectOf(state), text, {
        expectedLastSubjectSequence: revision,
        headers: { 'Nats-TTL': `${leftSeconds}s` },
      });
      return true;
    } catch (cause) {
      if (wasWrittenMeanwhile(cause)) return false;
      throw new LogUnavailableError('the connection of an account could not be recorded', { cause });
    }
  }
}
