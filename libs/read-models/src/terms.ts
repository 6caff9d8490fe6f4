/**
 * What an execution can be found by, as a number of 53 bits (the most that a JSON number carries): small in an index, free
 * of whatever Postgres refuses in texts, and apart for each shelf, so that a search goes from shelf to shelf and meets
 * nothing of other workspaces. Two words share a number once in some ten million million pairs.
 */
export type Term = number;

export type TermKind = 'word' | 'node' | 'status' | 'trigger' | 'workflow';

/** Makes the terms of one shelf. They are stored: made otherwise, they would find nothing of what is there. */
export class ShelfTerms {
  readonly #shelf: Lanes;
  readonly #kinds = new Map<TermKind, Lanes>();

  constructor(workspaceId: string, shelf: string) {
    this.#shelf = fed(START, `${workspaceId} ${shelf}`);
  }

  of(kind: TermKind, text: string): Term {
    return numberOf(fed(this.#begun(kind), text));
  }

  #begun(kind: TermKind): Lanes {
    const present = this.#kinds.get(kind);
    if (present) return present;
    const begun = fed(this.#shelf, ` ${kind} `);
    this.#kinds.set(kind, begun);
    return begun;
  }
}

/** Two hashes of FNV's kind, of 32 bits each. */
interface Lanes {
  readonly high: number;
  readonly low: number;
}

const START: Lanes = { high: 0x811c9dc5, low: 0x41c6ce57 };

function fed(lanes: Lanes, text: string): Lanes {
  let { high, low } = lanes;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  return { high, low };
}

/** The lanes mixed as murmur3 ends, 21 bits of the one and 32 of the other. */
function numberOf({ high, low }: Lanes): number {
  return (mixed(high ^ (low >>> 15)) & 0x1fffff) * 2 ** 32 + (mixed(low ^ (high >>> 13)) >>> 0);
}

function mixed(lane: number): number {
  const once = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
