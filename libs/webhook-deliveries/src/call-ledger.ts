import type { JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { CallWindows, type LedgerCall } from './call-windows.ts';
import { encodeEntry, type DeliveryEntry } from './delivery-entry.ts';
import { deliverySubject } from './layout.ts';

export interface CallLedgerParts {
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The log is away or busy; the calls stay out of the ledger. */
  readonly onDropped: (calls: number, error?: unknown) => void;
}

/** Entries whose acknowledgement is still to come. The publisher is there for executions first, and takes ten times as many. */
const MAX_UNDER_WAY = 200;
const LOOK_EVERY_MS = 1_000;

/**
 * Writes down calls that became no execution. Nobody waits for it, so nothing may pile up behind it: what the log does not
 * take at once is dropped, and told.
 */
export class CallLedger implements AsyncDisposable {
  readonly #windows = new CallWindows((calls) => this.#write({ id: this.parts.newId(), ...calls }));
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: CallLedgerParts) {}

  record(call: LedgerCall): void {
    const { clock, newId } = this.parts;
    if (this.#windows.take(call, clock.nowMs())) this.#write({ id: newId(), ...call, calls: 1 });
    else this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Tells what was counted, and waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    this.#windows.endAll();
    await Promise.all(this.#underWay);
  }

  #look(): void {
    this.#windows.endBefore(this.parts.clock.nowMs());
    if (!this.#windows.isCounting) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #write(entry: DeliveryEntry): void {
    const { publisher, onDropped } = this.parts;
    if (this.#underWay.size >= MAX_UNDER_WAY) {
      onDropped(entry.calls);
      return;
    }
    const writing: Promise<void> = publisher
      .publish(deliverySubject(entry), encodeEntry(entry))
      .then(
        () => undefined,
        (error: unknown) => onDropped(entry.calls, error),
      )
      .finally(() => this.#underWay.delete(writing));
    this.#underWay.add(writing);
  }
}
