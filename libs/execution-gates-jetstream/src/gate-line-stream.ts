import { DiscardPolicy, StorageType, type JetStreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { storedApplicant, type Applicant } from '#libs/execution-gates';
import {
  countFrom,
  readLast,
  readLastFromLeader,
  readNextFromLeader,
  wasWrittenMeanwhile,
  type DesiredStream,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import type { GateLines } from './ports.ts';

const STREAM = 'GATE_LINES';

/** One subject for each that waits: it joins once however often it asks, leaves from the middle, and can be counted. */
export function gateLineStream(replicas: number): DesiredStream {
  return {
    name: STREAM,
    description: 'Executions that wait at a gate, in the order in which they came: lines.<gate and key>.<execution>',
    subjects: ['lines.*.*'],
    storage: StorageType.File,
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
    allow_direct: true,
  };
}

export class GateLineStream implements GateLines {
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly manager: JetStreamManager,
  ) {}

  async join(token: string, applicant: Applicant): Promise<void> {
    try {
      const subject = subjectOf(token, applicant.executionId);
      await this.publisher.publish(subject, JSON.stringify(applicant), { expectedLastSubjectSequence: 0 });
    } catch (error) {
      if (!wasWrittenMeanwhile(error)) throw error;
    }
  }

  async first(token: string): Promise<Applicant | undefined> {
    const asked = { subject: subjectOf(token, '*'), fromSequence: 1 };
    const message = await readNextFromLeader(this.connection, STREAM, asked);
    return message && storedApplicant.parse(JSON.parse(new TextDecoder().decode(message.data)));
  }

  async drop(token: string, executionId: string): Promise<void> {
    this.connection.ensureConnected();
    try {
      await this.manager.streams.purge(STREAM, { filter: subjectOf(token, executionId) });
    } catch (cause) {
      throw new LogUnavailableError('the line at a gate could not be changed', { cause });
    }
  }

  /** From 1; undefined when it is not in the line. As a replica has it, and it changes while it is counted. */
  async placeOf(token: string, executionId: string): Promise<number | undefined> {
    const own = await readLast(this.connection, STREAM, subjectOf(token, executionId));
    if (!own) return undefined;
    const subject = subjectOf(token, '*');
    const [all, fromOwn] = await Promise.all([
      countFrom(this.connection, STREAM, { subject, fromSequence: 1 }),
      countFrom(this.connection, STREAM, { subject, fromSequence: own.sequence }),
    ]);
    return Math.max(0, all - fromOwn) + 1;
  }
}

/** As the leader has it. */
export async function isInLine(connection: JetStreamConnection, token: string, executionId: string): Promise<boolean> {
  return (await readLastFromLeader(connection, STREAM, subjectOf(token, executionId))) !== undefined;
}

function subjectOf(token: string, executionId: string): string {
  return `lines.${token}.${executionId}`;
}
