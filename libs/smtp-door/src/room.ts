import type { Share } from './share.ts';

/** What one message takes of the bytes that may be under way: at first as much as was announced, then as much as came. */
export class Room {
  readonly #share: Share;
  readonly #client: string;
  #bytes: number;

  private constructor(share: Share, client: string, bytes: number) {
    this.#share = share;
    this.#client = client;
    this.#bytes = bytes;
  }

  static tryTake(share: Share, client: string, bytes: number): Room | undefined {
    return share.take(client, bytes) ? new Room(share, client, bytes) : undefined;
  }

  /** Whether there is room for a message of so many bytes. */
  growTo(bytes: number): boolean {
    const more = bytes - this.#bytes;
    if (more <= 0) return true;
    if (!this.#share.take(this.#client, more)) return false;
    this.#bytes = bytes;
    return true;
  }

  giveBack(): void {
    this.#share.giveBack(this.#client, this.#bytes);
    this.#bytes = 0;
  }
}
