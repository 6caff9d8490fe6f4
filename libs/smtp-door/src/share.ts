import { RELAY } from './client-key.ts';

export interface ShareLimits {
  readonly total: number;
  readonly perClient: number;
}

/** What clients have of something that there is only so much of. */
export class Share {
  readonly #limits: ShareLimits;
  readonly #ofClient = new Map<string, number>();
  #taken = 0;

  constructor(limits: ShareLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  hasRoom(client: string, amount: number): boolean {
    const { total, perClient } = this.#limits;
    return this.#taken + amount <= total && (client === RELAY || this.#of(client) + amount <= perClient);
  }

  /** All of it or nothing; whether it was there. */
  take(client: string, amount: number): boolean {
    if (!this.hasRoom(client, amount)) return false;
    this.#taken += amount;
    this.#ofClient.set(client, this.#of(client) + amount);
    return true;
  }

  giveBack(client: string, amount: number): void {
    const left = this.#of(client) - amount;
    this.#taken -= amount;
    if (left > 0) this.#ofClient.set(client, left);
    else this.#ofClient.delete(client);
  }

  #of(client: string): number {
    return this.#ofClient.get(client) ?? 0;
  }
}
