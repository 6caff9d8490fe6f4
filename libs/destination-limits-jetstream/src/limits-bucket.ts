import { openBucket, type Bucket, type JetStreamConnection } from '#libs/jetstream';

/** The bucket of what workers share of what they call. Each entry goes by itself when there is nothing to know any more. */
export function openLimits(connection: JetStreamConnection, replicas: number): Promise<Bucket> {
  const description = 'What workers share of the destinations that they call';
  return openBucket(connection, { name: 'limits', description, replicas, entriesMayExpire: true });
}
