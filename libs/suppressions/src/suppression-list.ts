import { LogUnavailableError } from '#libs/event-sourcing';
import {
  openBucket,
  placeOfBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import { epochMsOf, type Clock } from '#libs/kernel';
import { addressKeyOf } from '#libs/mail-addresses';
import { SOFT_BOUNCES } from './consequence.ts';
import { decodeSoftBounces, encodeSoftBounces, withSoftBounce, type SoftBounce } from './soft-bounces.ts';
import { decodeSuppression, encodeSuppression, hasExpired, lastsLonger, type Suppression } from './suppression.ts';
import { suppressionIdOf } from './suppression-id.ts';

const LIST = { name: 'suppressions', description: 'Addresses that get no mail' };
const COUNTS = { name: 'soft-bounces', description: 'Soft bounces of an address lately' };
export const SUPPRESSION_STREAM = placeOfBucket(LIST.name).stream;
const { subjectPrefix: PREFIX } = placeOfBucket(LIST.name);

/** What was taken from the list, or expired, stays visible to who follows it for so long. */
const REMOVAL_SHOWS_SECONDS = 30 * 86_400;
/** The server counts in nanoseconds, which it can't for 300 years; what lasts for so long goes when somebody takes it. */
const LONGEST_TTL_MS = 100 * 366 * 86_400_000;
const MAX_TRIES = 8;

/** What the list has after a wish to add. */
export interface AddedSuppression {
  readonly suppression: Suppression;
  /** Of its message in the list's stream. */
  readonly sequence: number;
  /** False when it was there before and lasts at least as long as what was wished for. */
  readonly isNew: boolean;
}

export interface SuppressionListParts {
  readonly connection: JetStreamConnection;
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  readonly clock: Clock;
  readonly replicas: number;
}

/** Whose entry a message of the list's stream is. */
export function workspaceAndIdIn(subject: string): readonly [workspaceId: string, id: string] {
  const [workspaceId = '', id = ''] = subject.slice(PREFIX.length).split('.');
  return [workspaceId, id];
}

/** Who gets no mail of which workspace, shared by all processes. Rejects with LogUnavailableError. */
export class SuppressionList {
  private constructor(
    private readonly parts: SuppressionListParts,
    private readonly list: Bucket,
    private readonly counts: Bucket,
  ) {}

  static async open(parts: SuppressionListParts): Promise<SuppressionList> {
    const { connection, replicas } = parts;
    const [list, counts] = await Promise.all([
      openBucket(connection, {
        ...LIST,
        replicas,
        entriesMayExpire: true,
        expiryMarkMs: REMOVAL_SHOWS_SECONDS * 1000,
      }),
      openBucket(connection, { ...COUNTS, replicas, ttlMs: SOFT_BOUNCES.withinMs }),
    ]);
    return new SuppressionList(parts, list, counts);
  }

  /** Those of `addresses` that get no mail about `topic`, by address as given, with why. */
  async among(
    workspaceId: string,
    addresses: readonly string[],
    topic: string | null,
  ): Promise<ReadonlyMap<string, Suppression>> {
    const found = await Promise.all(
      addresses.map(async (address) => [address, await this.#holding(workspaceId, address, topic)] as const),
    );
    return new Map(found.flatMap(([address, suppression]) => (suppression ? [[address, suppression]] : [])));
  }

  async find(workspaceId: string, id: string): Promise<Suppression | undefined> {
    return (await this.#read(workspaceId, id)).suppression;
  }

  /** What was there before stays when it lasts at least as long. */
  async add(entry: Omit<Suppression, 'id'>): Promise<AddedSuppression> {
    const suppression = { ...entry, id: suppressionIdOf(entry.workspaceId, entry.address, entry.topic) };
    return this.#tryAgain(async () => {
      const before = await this.#read(suppression.workspaceId, suppression.id);
      if (before.suppression && !lastsLonger(suppression, before.suppression))
        return { suppression: before.suppression, sequence: before.sequence, isNew: false };
      const sequence = await this.#write(suppression, before.sequence);
      return sequence === undefined ? undefined : { suppression, sequence, isNew: true };
    });
  }

  /** What was taken from the list, and the sequence of that; undefined when it was not there. */
  async remove(
    workspaceId: string,
    id: string,
  ): Promise<{ readonly suppression: Suppression; readonly sequence: number } | undefined> {
    return this.#tryAgain(async () => {
      const { suppression, sequence: revision } = await this.#read(workspaceId, id);
      if (!suppression) return 'none';
      const headers = { 'KV-Operation': 'DEL', 'Nats-TTL': `${REMOVAL_SHOWS_SECONDS}s` };
      const sequence = await this.#publish(this.#subject(workspaceId, id), '', revision, headers);
      return sequence === undefined ? undefined : { suppression, sequence };
    }).then((removed) => (removed === 'none' ? undefined : removed));
  }

  /** Counts a soft bounce; how many mails came back so lately, with this one, and never more than have a consequence. */
  async countSoft(workspaceId: string, address: string, bounce: SoftBounce): Promise<number> {
    const subject = `${this.counts.subjectPrefix}${workspaceId}.${suppressionIdOf(workspaceId, address, null)}`;
    return this.#tryAgain(async () => {
      const before = await readLastFromLeader(this.parts.connection, this.counts.stream, subject);
      const last = withSoftBounce(decodeSoftBounces(before?.data), bounce);
      const sequence = await this.#publish(subject, encodeSoftBounces(last), before?.sequence ?? 0);
      return sequence === undefined ? undefined : last.length;
    });
  }

  async #holding(workspaceId: string, address: string, topic: string | null): Promise<Suppression | undefined> {
    const topics = topic === null ? [null] : [null, topic];
    const ids = topics.map((one) => suppressionIdOf(workspaceId, addressKeyOf(address), one));
    const found = await Promise.all(ids.map((id) => this.#read(workspaceId, id)));
    return found.find(({ suppression }) => suppression)?.suppression;
  }

  /** What has expired is as if it were not there, whether the server has noticed or not. */
  async #read(workspaceId: string, id: string): Promise<{ suppression: Suppression | undefined; sequence: number }> {
    const subject = this.#subject(workspaceId, id);
    const message = await readLastFromLeader(this.parts.connection, this.list.stream, subject);
    const suppression = message && decodeSuppression(message.data, message.sequence);
    const holds = suppression && !hasExpired(suppression, this.parts.clock.nowMs());
    return { suppression: holds ? suppression : undefined, sequence: message?.sequence ?? 0 };
  }

  #write(suppression: Suppression, revision: number): Promise<number | undefined> {
    const { workspaceId, id, expiresAt } = suppression;
    const leftMs = expiresAt === null ? Infinity : epochMsOf(expiresAt) - this.parts.clock.nowMs();
    const headers = leftMs > LONGEST_TTL_MS ? undefined : { 'Nats-TTL': `${Math.max(1, Math.ceil(leftMs / 1000))}s` };
    return this.#publish(this.#subject(workspaceId, id), encodeSuppression(suppression), revision, headers);
  }

  /** Undefined when somebody else wrote meanwhile. */
  async #publish(
    subject: string,
    body: string,
    revision: number,
    headers?: Readonly<Record<string, string>>,
  ): Promise<number | undefined> {
    const options = { expectedLastSubjectSequence: revision, ...(headers ? { headers } : {}) };
    try {
      return await this.parts.publisher.publish(subject, body, options);
    } catch (error) {
      if (wasWrittenMeanwhile(error)) return undefined;
      throw error;
    }
  }

  #subject(workspaceId: string, id: string): string {
    return `${PREFIX}${workspaceId}.${id}`;
  }

  async #tryAgain<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const result = await attempt();
      if (result !== undefined) return result;
    }
    throw new LogUnavailableError('the list of suppressions is being changed by others; try again');
  }
}
