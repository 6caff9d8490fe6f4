import { isTrouble, type QueuedTask, type SimulatedProcess } from './simulated-process.ts';

interface Queued extends QueuedTask {
  readonly inHand: Set<SimulatedProcess>;
}

/** Tasks from their arrival until somebody has done them, and who works on them. */
export class Deliveries {
  readonly #queued = new Set<Queued>();

  constructor(private readonly onFault: (error: unknown) => void) {}

  add(task: QueuedTask): void {
    this.#queued.add({ ...task, inHand: new Set() });
  }

  /** In a queue or in somebody's hands. */
  get all(): readonly QueuedTask[] {
    return [...this.#queued];
  }

  /** Nobody works on them. */
  get free(): readonly Queued[] {
    return [...this.#queued].filter(({ inHand }) => inHand.size === 0);
  }

  get inHand(): readonly Queued[] {
    return [...this.#queued].filter(({ inHand }) => inHand.size > 0);
  }

  deliver(task: Queued, process: SimulatedProcess): void {
    if (task.inHand.has(process)) return;
    task.inHand.add(process);
    process.do(task).then(
      () => process.isAlive && this.#queued.delete(task),
      (error: unknown) => {
        task.inHand.delete(process);
        if (!isTrouble(error) && process.isAlive) this.onFault(error);
      },
    );
  }

  /** Whatever it had in hand comes again. */
  lose(process: SimulatedProcess): void {
    for (const { inHand } of this.#queued) inHand.delete(process);
  }
}
