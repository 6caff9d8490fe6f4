import { DeliverPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { LRUCache } from 'lru-cache';
import { StreamFollower } from '#libs/jetstream';
import { MillraceError, type JsonObject } from '#libs/kernel';
import { VariablesChanged, type ReadVariables, type VariableBucket } from './variable-bucket.ts';
import { changeVariables, valuesOf, type VariableChange, type Variables } from './variable.ts';

const MAX_WORKSPACES = 1_000;
/** UTF-16 units of JSON. */
const MAX_KEPT = 16 * 1024 * 1024;
const MAX_CONFLICTS = 16;

/**
 * The variables of all workspaces. Changes are compared and set; starts of executions read through a bounded memory,
 * which holds nothing that may be old for longer than news takes: each change of the bucket drops what is known of its
 * workspace, and while the bucket is not followed nothing is kept.
 */
export class WorkspaceVariables implements AsyncDisposable {
  readonly #recent = new LRUCache<string, ReadVariables>({ max: MAX_WORKSPACES, maxSize: MAX_KEPT });
  /** Reads under way whose result is still what the bucket has. */
  readonly #reading = new Map<string, Promise<ReadVariables>>();
  readonly #follower: StreamFollower;
  readonly #unobserve: () => void;
  #following = false;

  constructor(
    private readonly bucket: VariableBucket,
    onInterrupted: (error: unknown) => void,
  ) {
    this.#unobserve = bucket.connection.observe({ lost: () => this.#forgetAll() });
    this.#follower = new StreamFollower(bucket.connection, {
      stream: bucket.stream,
      startAt: () => this.#startAt(),
      onMessage: (message, { sequence }) => this.#hear(message, sequence),
      onCurrent: () => {
        // A read that began before may have missed what was written before the bucket was followed.
        this.#forgetAll();
        this.#following = true;
      },
      onFault: (error) => {
        this.#forgetAll();
        onInterrupted(error);
      },
    });
  }

  /** As the bucket has them now. */
  async read(workspaceId: string): Promise<Variables> {
    return (await this.bucket.read(workspaceId)).variables;
  }

  /** The values of those that are asked for and exist, for an execution that starts now; undefined when there are none. */
  async valuesFor(workspaceId: string, wanted: readonly string[] | 'all'): Promise<JsonObject | undefined> {
    if (wanted.length === 0) return undefined;
    const { variables } = await this.#known(workspaceId);
    const values = valuesOf(variables, wanted);
    return Object.keys(values).length === 0 ? undefined : values;
  }

  /** The variables after the change, which this process sees from now on. Throws as `changeVariables` does. */
  async change(workspaceId: string, change: VariableChange, at: string): Promise<Variables> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = await this.bucket.read(workspaceId);
      const variables = changeVariables(before.variables, change, at);
      try {
        await this.bucket.write(workspaceId, { variables, revision: before.revision });
        // Not kept: a later change of another process may have been heard before this answer.
        this.#reading.delete(workspaceId);
        this.#recent.delete(workspaceId);
        return variables;
      } catch (error) {
        if (!(error instanceof VariablesChanged)) throw error;
      }
    }
    throw new MillraceError(
      'unavailable',
      'VARIABLES_CONTENDED',
      'the variables are being changed by others; try again',
      {
        retryAfterMs: 1000,
      },
    );
  }

  /** Whether starts are answered from memory where they can be. */
  get isFollowing(): boolean {
    return this.#following;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unobserve();
    await this.#follower[Symbol.asyncDispose]();
  }

  async #known(workspaceId: string): Promise<ReadVariables> {
    const known = this.#recent.get(workspaceId) ?? this.#reading.get(workspaceId);
    if (known) return known;
    const reading = this.bucket.read(workspaceId);
    this.#reading.set(workspaceId, reading);
    try {
      const read = await reading;
      if (this.#reading.get(workspaceId) === reading) this.#keep(workspaceId, read);
      return read;
    } finally {
      if (this.#reading.get(workspaceId) === reading) this.#reading.delete(workspaceId);
    }
  }

  #keep(workspaceId: string, read: ReadVariables): void {
    const present = this.#recent.peek(workspaceId);
    if (!this.#following || (present && present.revision > read.revision)) return;
    this.#recent.set(workspaceId, read, { size: 1 + JSON.stringify(read.variables).length });
  }

  #hear(message: Msg, revision: number): void {
    const workspaceId = message.subject.slice(this.bucket.subjectPrefix.length);
    // Whether it began before or after this was written, nobody knows.
    this.#reading.delete(workspaceId);
    const known = this.#recent.peek(workspaceId);
    if (known && known.revision < revision) this.#recent.delete(workspaceId);
  }

  #startAt(): Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig> {
    this.#forgetAll();
    return { deliver_policy: DeliverPolicy.New, filter_subject: `${this.bucket.subjectPrefix}>` };
  }

  #forgetAll(): void {
    this.#following = false;
    this.#recent.clear();
    this.#reading.clear();
  }
}
