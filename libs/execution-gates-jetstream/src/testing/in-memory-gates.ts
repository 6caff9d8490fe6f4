import type { Applicant } from '#libs/execution-gates';
import type { GateLines, GateValues } from '../ports.ts';

/** For specs; the contract suites keep them indistinguishable from the real ones, but nothing expires here. */
export class InMemoryGateValues implements GateValues {
  readonly #values = new Map<string, { readonly text: string; readonly revision: number }>();
  #revision = 0;

  /** All that is there, as it would be read. */
  get all(): readonly unknown[] {
    return [...this.#values.values()].map(({ text }) => JSON.parse(text) as unknown);
  }

  async read(token: string): Promise<{ readonly value: unknown; readonly revision: number }> {
    const found = this.#values.get(token);
    return found ? { value: JSON.parse(found.text), revision: found.revision } : { value: undefined, revision: 0 };
  }

  async tryWrite(token: string, value: object, { revision }: { readonly revision: number }): Promise<boolean> {
    if ((this.#values.get(token)?.revision ?? 0) !== revision) return false;
    this.#values.set(token, { text: JSON.stringify(value), revision: ++this.#revision });
    return true;
  }
}

export class InMemoryGateLines implements GateLines {
  readonly #lines = new Map<string, Applicant[]>();
  /** Executions in the order in which they joined, by token; those that left too. */
  readonly joined = new Map<string, string[]>();

  get waiting(): readonly Applicant[] {
    return [...this.#lines.values()].flat();
  }

  async join(token: string, applicant: Applicant): Promise<void> {
    const line = this.#lines.get(token) ?? [];
    if (line.some(({ executionId }) => executionId === applicant.executionId)) return;
    this.#lines.set(token, [...line, applicant]);
    this.joined.set(token, [...(this.joined.get(token) ?? []), applicant.executionId]);
  }

  async first(token: string): Promise<Applicant | undefined> {
    return this.#lines.get(token)?.[0];
  }

  async drop(token: string, executionId: string): Promise<void> {
    const line = this.#lines.get(token) ?? [];
    this.#lines.set(
      token,
      line.filter((one) => one.executionId !== executionId),
    );
  }
}
