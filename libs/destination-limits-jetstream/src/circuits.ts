import {
  decidePassage,
  evolveCircuit,
  initialCircuit,
  statusOf,
  worthKnowingMs,
  type Circuit,
  type CircuitEvent,
  type CircuitStatus,
  type Passage,
} from '#libs/destination-limits';
import { MillraceError, type Clock } from '#libs/kernel';
import { CircuitChanged, type CircuitBucket, type Destination, type ReadCircuit } from './circuit-bucket.ts';
import { CircuitTable, type CircuitTableObserver } from './circuit-table.ts';

const MAX_CONFLICTS = 16;
/** What says that all is well again stays this long, so that whoever is a little behind hears of it. */
const KEPT_AT_LEAST_SECONDS = 60;

/** The circuits of all workers: read from memory, changed by compare and set. */
export class Circuits implements AsyncDisposable {
  readonly #table: CircuitTable;

  constructor(
    private readonly bucket: CircuitBucket,
    private readonly clock: Clock,
    observer: CircuitTableObserver,
  ) {
    this.#table = new CircuitTable(bucket, observer);
  }

  get isFollowing(): boolean {
    return this.#table.isFollowing;
  }

  /** What an attempt finds that comes now. While the bucket can't be followed nothing is held back. */
  passage(destination: Destination): Passage {
    const found = this.#table.isFollowing ? this.#table.find(destination) : undefined;
    return found ? decidePassage(found.circuit, this.clock.nowMs()) : { kind: 'free' };
  }

  /** The circuit after the events. Rejects when the bucket is away. */
  async change(destination: Destination, events: readonly CircuitEvent[]): Promise<Circuit> {
    let known = this.#table.find(destination) ?? { circuit: initialCircuit(), revision: 0 };
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const nowMs = this.clock.nowMs();
      const before = this.#isWorthKnowing(known.circuit) ? known.circuit : initialCircuit();
      const circuit = events.reduce((after, event) => evolveCircuit(after, event, nowMs), before);
      if (circuit === before) return circuit;
      const written = await this.#tryWrite(destination, { circuit, revision: known.revision });
      if (written) return circuit;
      known = await this.bucket.read(destination);
      this.#table.learn(destination, known);
    }
    throw new MillraceError('unavailable', 'CIRCUIT_CONTENDED', 'the circuit is being changed by others; try again', {
      retryAfterMs: 1_000,
    });
  }

  /** Of a workspace: those of which there is something to know, by key. */
  list(workspaceId: string): readonly (CircuitStatus & { readonly key: string })[] {
    const nowMs = this.clock.nowMs();
    return [...this.#table.all()]
      .filter((one) => one.workspaceId === workspaceId && this.#isWorthKnowing(one.circuit))
      .map(({ key, circuit }) => ({ key, ...statusOf(circuit, nowMs) }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** How many are in each state, over all workspaces. */
  countByState(): Readonly<Record<CircuitStatus['state'], number>> {
    const counts = { closed: 0, open: 0, halfOpen: 0 };
    for (const { circuit } of this.#table.all()) if (this.#isWorthKnowing(circuit)) counts[circuit.breaker.state]++;
    return counts;
  }

  /** Forgets what failed there. False when nothing is known of it. */
  async reset(destination: Destination): Promise<boolean> {
    const { circuit } = this.#table.find(destination) ?? (await this.bucket.read(destination));
    if (!this.#isWorthKnowing(circuit)) return false;
    await this.change(destination, [{ type: 'Reset' }]);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#table[Symbol.asyncDispose]();
  }

  async #tryWrite(destination: Destination, read: ReadCircuit): Promise<boolean> {
    const seconds = Math.ceil(worthKnowingMs(read.circuit, this.clock.nowMs()) / 1_000);
    try {
      const revision = await this.bucket.write(destination, read, Math.max(seconds, KEPT_AT_LEAST_SECONDS));
      this.#table.learn(destination, { circuit: read.circuit, revision });
      return true;
    } catch (error) {
      if (error instanceof CircuitChanged) return false;
      throw error;
    }
  }

  #isWorthKnowing(circuit: Circuit): boolean {
    return worthKnowingMs(circuit, this.clock.nowMs()) > 0;
  }
}
