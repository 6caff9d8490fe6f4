import { LogUnavailableError } from '#libs/event-sourcing';
import {
  openBucket,
  readLastFromLeader,
  readLastOfEach,
  subjectsOf,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
  type StoredMessage,
} from '#libs/jetstream';
import { hookEntrySchema, type HookEntry, type HookPlace } from './hook-entry.ts';
import { GONE_KEPT_MS } from './hook-rules.ts';

/** Others may be first so often before somebody is told to try again later. */
const MOST_CONFLICTS = 10;

export interface StoredHookEntry {
  readonly entry: HookEntry;
  readonly revision: number;
}

const NONE = { entry: undefined, revision: 0 };

/** The bucket `hooks`: an entry for each endpoint that has, had or is to have a hook at a service. */
export class HookStore {
  private constructor(
    readonly connection: JetStreamConnection,
    private readonly publisher: Pick<JetStreamPublisher, 'publish'>,
    readonly bucket: Pick<Bucket, 'stream' | 'subjectPrefix'>,
  ) {}

  static async open(
    connection: JetStreamConnection,
    publisher: Pick<JetStreamPublisher, 'publish'>,
    replicas: number,
  ): Promise<HookStore> {
    const bucket = { name: 'hooks', description: 'Hooks at services, as wanted and as they are', replicas };
    return new HookStore(connection, publisher, await openBucket(connection, { ...bucket, entriesMayExpire: true }));
  }

  /** As the stream's leader has it. */
  async read(place: HookPlace): Promise<StoredHookEntry | undefined> {
    const message = await readLastFromLeader(this.connection, this.bucket.stream, this.#subjectOf(place));
    return message && storedIn(message);
  }

  /** All of a workflow, oldest endpoint first. */
  async ofWorkflow(workflowId: string): Promise<readonly HookEntry[]> {
    const { connection, bucket } = this;
    const entries: HookEntry[] = [];
    for await (const subjects of subjectsOf(connection, bucket.stream, `${bucket.subjectPrefix}${workflowId}.*`)) {
      const found = await readLastOfEach(connection, bucket.stream, subjects);
      entries.push(
        ...[...found.values()].map((message) => storedIn(message)?.entry).filter((one) => one !== undefined),
      );
    }
    return entries.toSorted((one, other) => (one.webhookId < other.webhookId ? -1 : 1));
  }

  /** Whether it was written: not when another one than `revision` (0: none) is there. */
  async write(entry: HookEntry, revision: number): Promise<boolean> {
    const isOver = !entry.work && entry.hooks.every(({ stage }) => stage === 'gone');
    const headers: Record<string, string> = isOver ? { 'Nats-TTL': `${GONE_KEPT_MS / 1000}s` } : {};
    try {
      const body = JSON.stringify(entry);
      await this.publisher.publish(this.#subjectOf(entry), body, { expectedLastSubjectSequence: revision, headers });
      return true;
    } catch (error) {
      if (wasWrittenMeanwhile(error)) return false;
      throw error;
    }
  }

  /**
   * Makes of the entry that is there what `change` says, however often others are first; with undefined, or the same one, it
   * stays. Whether anything was changed.
   */
  async change(place: HookPlace, change: (entry: HookEntry | undefined) => HookEntry | undefined): Promise<boolean> {
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts++) {
      const { entry, revision } = (await this.read(place)) ?? NONE;
      const changed = change(entry);
      if (changed === undefined || changed === entry) return false;
      if (await this.write(changed, revision)) return true;
    }
    throw new LogUnavailableError('too many write the same hooks at once');
  }

  #subjectOf({ workflowId, webhookId }: HookPlace): string {
    return `${this.bucket.subjectPrefix}${workflowId}.${webhookId}`;
  }
}

/** A mark of a deletion has no body. */
function storedIn({ data, sequence }: StoredMessage): StoredHookEntry | undefined {
  if (data.length === 0) return undefined;
  return { entry: parseHookEntry(JSON.parse(Buffer.from(data).toString())), revision: sequence };
}

/** Throws for what this version can't read. */
export function parseHookEntry(json: unknown): HookEntry {
  return hookEntrySchema.parse(json);
}
