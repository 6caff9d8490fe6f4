import { InvariantError } from '#libs/kernel';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { digestOf, type Checkpoint, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { parkedAggregates, parkEvent, type ParkedEvent } from './parked-events.ts';
import { isRefused } from './refused.ts';

export interface BatchApplierParts {
  readonly database: Database;
  readonly projection: BatchProjection;
  readonly onParked: (event: ParkedEvent) => void;
}

type Halves = (readonly StreamMessage[])[];
/** The checkpoint after them, undefined when another projector had moved it; or what to take one after the other. */
type Taken = Checkpoint | undefined | Halves;

const BEHIND = 'an earlier event of the same history is parked, and this one can not be applied without it';

/**
 * Applies batches. When one is refused, it is halved until the message that can't be applied stands alone; that one is
 * parked, and so is what comes later of the same history. All others are applied.
 */
export class BatchApplier {
  #parked: ReadonlySet<string> = new Set();

  constructor(private readonly parts: BatchApplierParts) {}

  /** To be called before the first batch, and whenever the checkpoint may have been moved by another one. */
  async begin({ stream }: Checkpoint): Promise<void> {
    const { database, projection } = this.parts;
    projection.reset();
    this.#parked = await parkedAggregates(database, projection.name, stream);
  }

  /** The checkpoint after the batch; undefined when another projector had moved it. */
  async apply(batch: readonly StreamMessage[], from: Checkpoint): Promise<Checkpoint | undefined> {
    let at: Checkpoint | undefined = from;
    const parts = [batch];
    for (let part = parts.shift(); part && at; part = parts.shift()) {
      const halves = this.#apartFromParked(part);
      const outcome: Taken = halves ?? (await this.#take(part, at));
      if (Array.isArray(outcome)) parts.unshift(...outcome);
      else at = outcome;
    }
    return at;
  }

  /** What may be applied and what comes after a parked message of its history, when both are there. */
  #apartFromParked(part: readonly StreamMessage[]): Halves | undefined {
    const behind = this.#firstBehind(part);
    if (behind < 0 || part.length === 1) return undefined;
    return splitAt(part, Math.max(behind, 1));
  }

  async #take(part: readonly StreamMessage[], at: Checkpoint): Promise<Taken> {
    if (this.#firstBehind(part) === 0) return this.#park(part, at, BEHIND);
    const outcome = await this.#tryApply(part, at);
    if (!(outcome instanceof Error)) return outcome;
    return part.length > 1 ? splitAt(part, part.length >> 1) : this.#park(part, at, outcome.message);
  }

  /** Index of the first message that comes after a parked one of its history; -1 for none. */
  #firstBehind(part: readonly StreamMessage[]): number {
    if (this.#parked.size === 0) return -1;
    return part.findIndex((message) => {
      const aggregateId = this.parts.projection.aggregateOf(message);
      return aggregateId !== undefined && this.#parked.has(aggregateId);
    });
  }

  /** The error when the messages are refused; throws what is no fault of theirs. */
  async #tryApply(part: readonly StreamMessage[], from: Checkpoint): Promise<Checkpoint | undefined | Error> {
    const { projection } = this.parts;
    const move = moveOver(part, from);
    try {
      return (await projection.apply(part, move)) ? { ...from, ...move.to } : undefined;
    } catch (error) {
      // What it began to note of the batch must not be taken for written.
      projection.reset();
      if (!isRefused(error)) throw error;
      return error;
    }
  }

  async #park(part: readonly StreamMessage[], from: Checkpoint, reason: string): Promise<Checkpoint | undefined> {
    const { database, projection, onParked } = this.parts;
    const [message] = part;
    if (!message) throw new InvariantError('nothing to park');
    const aggregateId = projection.aggregateOf(message) ?? null;
    const { sequence } = message;
    const event: ParkedEvent = { projection: projection.name, stream: from.stream, sequence, aggregateId, reason };
    const move = moveOver(part, from);
    if (!(await parkEvent(database, event, move))) return undefined;
    if (aggregateId !== null) this.#parked = new Set([...this.#parked, aggregateId]);
    onParked(event);
    return { ...from, ...move.to };
  }
}

function moveOver(part: readonly StreamMessage[], from: Checkpoint): CheckpointMove {
  const last = part.at(-1);
  if (!last) throw new InvariantError('an empty batch moves nothing');
  return { from, to: { sequence: last.sequence, digest: digestOf(last.data) } };
}

function splitAt(messages: readonly StreamMessage[], index: number): Halves {
  return [messages.slice(0, index), messages.slice(index)];
}
