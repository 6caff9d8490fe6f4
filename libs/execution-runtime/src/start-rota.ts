import { LANES, type Lane, type StartPlace } from '#libs/work-queue-jetstream';

export interface StartRotaOptions {
  readonly shards: number;
  /** Turns that a lane gets for those of the others, while all have somebody who waits. */
  readonly weights: Readonly<Record<Lane, number>>;
}

/** Somebody's turn. */
export interface Turn<Entry> {
  readonly place: StartPlace;
  readonly entry: Entry;
}

interface Line<Entry> {
  readonly place: StartPlace;
  readonly waiting: Entry[];
  inHand: number;
}

interface LaneLines<Entry> {
  readonly lane: Lane;
  readonly lines: readonly Line<Entry>[];
  /** Shard that had the last turn. */
  last: number;
  /** What the lane has saved up towards its next turn. */
  credit: number;
}

/**
 * Whose turn it is: lanes by weight, as evenly as their weights allow (smooth weighted round robin), shards of a lane
 * one after the other, and within a shard first come, first served. A lane that nobody waits in saves nothing up; one
 * that somebody waits in has its turn after at most as many as all weights together.
 */
export class StartRota<Entry> {
  readonly #lanes: readonly LaneLines<Entry>[];
  #waiting = 0;
  #inHand = 0;

  constructor(private readonly options: StartRotaOptions) {
    this.#lanes = LANES.map((lane) => ({
      lane,
      lines: Array.from({ length: options.shards }, (_, shard) => newLine<Entry>({ lane, shard })),
      last: options.shards - 1,
      credit: 0,
    }));
  }

  /** All who wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** All who have their turn. */
  get inHand(): number {
    return this.#inHand;
  }

  waitingAt(place: StartPlace): number {
    return this.#lineAt(place)?.waiting.length ?? 0;
  }

  /** Throws for a place that the rota does not have. */
  add(place: StartPlace, entry: Entry): void {
    const line = this.#lineAt(place);
    if (!line) throw new RangeError(`there is no ${place.lane} shard ${place.shard}`);
    line.waiting.push(entry);
    this.#waiting++;
  }

  /**
   * Who is next, where at most `perShard` of a lane's shard have their turn at the same time; undefined when nobody
   * waits, or all shards with somebody have their fill. A turn ends with `done`.
   */
  next(perShard: number): Turn<Entry> | undefined {
    const ready = this.#lanes.flatMap((lane) => {
      const line = nextLine(lane, perShard);
      return line ? [{ lane, line }] : [];
    });
    this.#forgetCredit();
    const first = this.#favourite(ready.map(({ lane }) => lane));
    const line = ready.find(({ lane }) => lane === first)?.line;
    const entry = line?.waiting.shift();
    if (!first || !line || entry === undefined) return undefined;
    first.last = line.place.shard;
    line.inHand++;
    this.#waiting--;
    this.#inHand++;
    return { place: line.place, entry };
  }

  /** A turn is over. */
  done(place: StartPlace): void {
    const line = this.#lineAt(place);
    if (!line) return;
    line.inHand--;
    this.#inHand--;
  }

  /** Takes out those who wait and for whom `leaves` holds. */
  remove(leaves: (entry: Entry, place: StartPlace) => boolean): readonly Entry[] {
    const removed: Entry[] = [];
    for (const { place, waiting } of this.#lanes.flatMap(({ lines }) => lines)) {
      const staying = waiting.filter((entry) => {
        const isLeaving = leaves(entry, place);
        if (isLeaving) removed.push(entry);
        return !isLeaving;
      });
      waiting.splice(0, waiting.length, ...staying);
    }
    this.#waiting -= removed.length;
    return removed;
  }

  #lineAt({ lane, shard }: StartPlace): Line<Entry> | undefined {
    return this.#lanes.find((one) => one.lane === lane)?.lines[shard];
  }

  /** Each saves its weight; who has most pays what all have saved. */
  #favourite(lanes: readonly LaneLines<Entry>[]): LaneLines<Entry> | undefined {
    let favourite: LaneLines<Entry> | undefined;
    let total = 0;
    for (const lane of lanes) {
      const weight = this.options.weights[lane.lane];
      total += weight;
      lane.credit += weight;
      if (!favourite || lane.credit > favourite.credit) favourite = lane;
    }
    if (favourite) favourite.credit -= total;
    return favourite;
  }

  #forgetCredit(): void {
    for (const lane of this.#lanes) if (lane.lines.every(({ waiting }) => waiting.length === 0)) lane.credit = 0;
  }
}

/** Of the shards after the last one served, the first that may have a turn. */
function nextLine<Entry>({ lines, last }: LaneLines<Entry>, perShard: number): Line<Entry> | undefined {
  for (let step = 1; step <= lines.length; step++) {
    const line = lines[(last + step) % lines.length];
    if (line && line.waiting.length > 0 && line.inHand < perShard) return line;
  }
  return undefined;
}

function newLine<Entry>(place: StartPlace): Line<Entry> {
  return { place, waiting: [], inHand: 0 };
}
