import {
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { MillraceError } from '#libs/kernel';
import { CONSUMER_NOT_FOUND, STREAM_NOT_FOUND } from './error-codes.ts';

/** A stream as this version of the program wants it. */
export type DesiredStream = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;
export type DesiredConsumer = Partial<ConsumerConfig> & { readonly durable_name: string };

/** What was done to bring the server's configuration to ours. */
export type Reconciled = {
  readonly name: string;
  readonly did: 'created' | 'updated' | 'nothing';
  readonly changed: readonly string[];
};

/**
 * Creates the stream, or applies what differs. A difference that the server can't apply (storage, retention, subjects
 * given up) is refused with the fields, the values and the server's reason: the start ends there, nothing is touched.
 */
export async function reconcileStream(manager: JetStreamManager, desired: DesiredStream): Promise<Reconciled> {
  const { name } = desired;
  const present = await streamInfo(manager, name);
  if (!present) {
    // A copy: the client writes into what it is given.
    await applied(name, [], () => manager.streams.add({ ...desired }));
    return { name, did: 'created', changed: [] };
  }
  const changed = differences(desired, present.config);
  if (changed.length === 0) return { name, did: 'nothing', changed };
  refuseToGiveUpSubjects(desired, present);
  const config = { ...present.config, ...desired };
  await applied(name, describe(changed, desired, present.config), () => manager.streams.update(name, config));
  return { name, did: 'updated', changed };
}

/** The same for a durable consumer of a stream. */
export async function reconcileConsumer(
  manager: JetStreamManager,
  stream: string,
  desired: DesiredConsumer,
): Promise<Reconciled> {
  const name = desired.durable_name;
  const present = await consumerInfo(manager, stream, name);
  if (!present) {
    await applied(`${stream}/${name}`, [], () => manager.consumers.add(stream, { ...desired }));
    return { name, did: 'created', changed: [] };
  }
  const changed = differences(desired, present.config);
  if (changed.length === 0) return { name, did: 'nothing', changed };
  const config = { ...present.config, ...desired };
  await applied(`${stream}/${name}`, describe(changed, desired, present.config), () =>
    manager.consumers.update(stream, name, config),
  );
  return { name, did: 'updated', changed };
}

/** The server would apply it, and what is stored under those subjects would be where nobody looks for it any more. */
function refuseToGiveUpSubjects({ name, subjects }: DesiredStream, { config, state }: StreamInfo): void {
  const givenUp = (config.subjects ?? []).filter((subject) => !subjects.includes(subject));
  if (givenUp.length === 0 || state.messages === 0) return;
  throw new MillraceError(
    'conflict',
    'LOG_CONFIGURATION_REFUSED',
    `${name} would give up its subjects ${givenUp.join(', ')}, and it holds ${state.messages} messages`,
  );
}

async function streamInfo(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  return absentAs(STREAM_NOT_FOUND, () => manager.streams.info(name));
}

async function consumerInfo(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  return absentAs(CONSUMER_NOT_FOUND, () => manager.consumers.info(stream, name));
}

async function absentAs<Info>(code: number, read: () => Promise<Info>): Promise<Info | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === code) return undefined;
    throw error;
  }
}

async function applied(name: string, difference: readonly string[], apply: () => Promise<unknown>): Promise<void> {
  try {
    await apply();
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError)) throw cause;
    const wanted = difference.length > 0 ? ` (${difference.join('; ')})` : '';
    throw new MillraceError(
      'conflict',
      'LOG_CONFIGURATION_REFUSED',
      `NATS refuses the configuration of ${name}${wanted}: ${cause.message}`,
      { cause },
    );
  }
}

function differences(desired: object, present: object): string[] {
  return Object.entries(desired)
    .filter(([key, value]) => !covers((present as Record<string, unknown>)[key], value))
    .map(([key]) => key);
}

/** Servers fill in defaults, so only what is asked for is compared; an absent list, map or flag is an empty one. */
function covers(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return isSameSet(Array.isArray(present) ? present : [], wanted);
  if (typeof wanted === 'object' && wanted !== null) {
    return Object.entries(wanted).every(([key, value]) =>
      covers((present as Record<string, unknown> | undefined)?.[key], value),
    );
  }
  return present === wanted || (present === undefined && (wanted === false || wanted === 0));
}

function isSameSet(present: readonly unknown[], wanted: readonly unknown[]): boolean {
  return wanted.length === present.length && wanted.every((item) => present.includes(item));
}

function describe(changed: readonly string[], desired: object, present: object): string[] {
  return changed.map((key) => {
    const was = JSON.stringify((present as Record<string, unknown>)[key]);
    const wanted = JSON.stringify((desired as Record<string, unknown>)[key]);
    return `${key} is ${was}, wanted ${wanted}`;
  });
}
