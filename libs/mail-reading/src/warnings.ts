import { MAIL_LIMITS } from './limits.ts';

/** What was wrong with a message, once each, as many as a person would read. */
export class Warnings {
  readonly #said = new Set<string>();

  add(warning: string): void {
    if (this.#said.size < MAIL_LIMITS.warnings) this.#said.add(warning);
  }

  all(): string[] {
    return [...this.#said];
  }
}
