import { Kvm, type KV } from '@nats-io/kv';
import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import type { JetStreamConnection } from './connection.ts';
import { reconcileStream } from './reconcile.ts';

/** A key-value bucket and where it lies: its stream, and what its subjects begin with before a key follows. */
export interface Bucket {
  readonly kv: KV;
  readonly stream: string;
  readonly subjectPrefix: string;
}

/** Where a bucket lies, for who only reads what is there. */
export function placeOfBucket(name: string): Pick<Bucket, 'stream' | 'subjectPrefix'> {
  return { stream: `KV_${name}`, subjectPrefix: `$KV.${name}.` };
}

export interface BucketOptions {
  readonly name: string;
  readonly description: string;
  readonly replicas: number;
  /** Whether an entry may say by the header `Nats-TTL` when it goes; default: none does. */
  readonly entriesMayExpire?: boolean;
  /** How long a mark stays where an entry expired, which is how followers hear of it; absent: it goes without one. */
  readonly expiryMarkMs?: number;
  /** What is not written again within it vanishes; absent: nothing does. */
  readonly ttlMs?: number;
}

/** Opens a bucket that keeps the last value of each key. Made as the client would, but by ourselves, so that a change of it is applied or refused at start. */
export async function openBucket(
  { client }: JetStreamConnection,
  { name, description, replicas, entriesMayExpire = false, expiryMarkMs = 0, ttlMs = 0 }: BucketOptions,
): Promise<Bucket> {
  const { stream, subjectPrefix } = placeOfBucket(name);
  await reconcileStream(await jetstreamManager(client, { checkAPI: false }), {
    name: stream,
    description,
    subjects: [`${subjectPrefix}>`],
    max_msgs_per_subject: 1,
    max_age: ttlMs * 1e6,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
    allow_msg_ttl: entriesMayExpire,
    subject_delete_marker_ttl: expiryMarkMs * 1e6,
  });
  return { kv: await new Kvm(client).open(name), stream, subjectPrefix };
}
