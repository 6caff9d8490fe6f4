import { storedQuota, type QuotaState, type StoredQuota } from '#libs/destination-limits';
import {
  MAX_SUBJECTS_AT_ONCE,
  readLastFromLeader,
  readLastOfEach,
  subjectsOf,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import type { Destination } from './circuit-bucket.ts';
import { openLimits } from './limits-bucket.ts';

/** A quota as it is stored, and the revision of the bucket at which it was so; 0 when it never was. */
export interface ReadQuota {
  /** Undefined also when it was written by a version that this one can't read. */
  readonly state: QuotaState | undefined;
  readonly revision: number;
}

/** The quotas in the bucket `limits`. */
export class QuotaBucket {
  readonly #subjectPrefix: string;

  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly bucket: Bucket,
  ) {
    this.#subjectPrefix = `${bucket.subjectPrefix}quotas.`;
  }

  static async open(
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    replicas: number,
  ): Promise<QuotaBucket> {
    return new QuotaBucket(connection, publisher, await openLimits(connection, replicas));
  }

  /** As the leader has it now. */
  async read(quota: Destination): Promise<ReadQuota> {
    const message = await readLastFromLeader(this.connection, this.bucket.stream, this.#subjectOf(quota));
    return message ? { state: tryParse(message.data)?.state, revision: message.sequence } : NOTHING;
  }

  /** The new revision; undefined when the last one is not `revision`. */
  async write(stored: StoredQuota, revision: number, keptForSeconds: number): Promise<number | undefined> {
    try {
      return await this.publisher.publish(this.#subjectOf(stored), JSON.stringify(stored), {
        expectedLastSubjectSequence: revision,
        headers: { 'Nats-TTL': `${keptForSeconds}s` },
      });
    } catch (error) {
      if (wasWrittenMeanwhile(error)) return undefined;
      throw error;
    }
  }

  /** Those of a workspace, in no order. */
  async list(workspaceId: string): Promise<readonly StoredQuota[]> {
    const { stream } = this.bucket;
    const found: StoredQuota[] = [];
    for await (const page of subjectsOf(this.connection, stream, `${this.#subjectPrefix}${workspaceId}.*`)) {
      for (let from = 0; from < page.length; from += MAX_SUBJECTS_AT_ONCE) {
        const subjects = page.slice(from, from + MAX_SUBJECTS_AT_ONCE);
        const messages = await readLastOfEach(this.connection, stream, subjects);
        found.push(...[...messages.values()].flatMap(({ data }) => tryParse(data) ?? []));
      }
    }
    return found;
  }

  /** Keys hold what subjects must not. */
  #subjectOf({ workspaceId, key }: Destination): string {
    return `${this.#subjectPrefix}${workspaceId}.${Buffer.from(key).toString('base64url')}`;
  }
}

const NOTHING: ReadQuota = { state: undefined, revision: 0 };

function tryParse(data: Uint8Array): StoredQuota | undefined {
  try {
    return storedQuota.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch {
    return undefined;
  }
}
