import { setTimeout as delay } from 'node:timers/promises';
import { partitionOf, partitionsOf } from '#libs/event-store-jetstream';
import type { Case, CaseReader } from './cases.ts';
import { signOf } from './evidence.ts';
import { historiesOf, type HistoriesParts } from './histories.ts';
import { isDead, Tally, type Judgement } from './judgement.ts';
import { Look, type LookParts } from './look.ts';
import type { Findings } from './report.ts';
import type { Witness } from './witness.ts';

export interface ExaminationParts {
  readonly histories: HistoriesParts;
  readonly look: LookParts;
  readonly cases: CaseReader;
  readonly witness: Witness;
  readonly onProgress: (done: number) => void;
}

/** Before each further look at those who are suspected: replicas catch up, and what moves has moved. */
const PAUSES_MS = [500, 2_000] as const;
/** Executions that are read at once. */
const AT_ONCE = 32;
/** Suspects whose states are in memory at once. */
const SUSPECTS_AT_ONCE = 1_000;

/** By id: the version at which nothing was found behind an execution. */
type Suspects = ReadonlyMap<string, number>;

/**
 * Finds the executions that nothing will ever happen to, while the installation goes on. The first look, at all of them, is
 * quick and only suspects: what it holds states against was read before them. Who is suspected is looked at twice more, and
 * is stuck when it is the same version each time and what it waits for is there neither time.
 */
export class Examination {
  readonly #tally = new Tally();

  constructor(private readonly parts: ExaminationParts) {}

  async run(): Promise<Findings> {
    let suspects = await this.#lookAtAll();
    for (const [index, pauseMs] of PAUSES_MS.entries()) {
      if (suspects.size === 0) break;
      await delay(pauseMs);
      suspects = await this.#lookAgain(suspects, { isLast: index === PAUSES_MS.length - 1 });
    }
    return this.#tally.findings();
  }

  async #lookAtAll(): Promise<Suspects> {
    const { histories, look: lookParts, onProgress } = this.parts;
    const suspects = new Map<string, number>();
    const starts = new Look(lookParts).starts();
    for (const partition of partitionsOf(0, 1)) {
      const look = new Look(lookParts, await starts);
      for await (const { count, openIds } of historiesOf(histories, partition)) {
        for (const { of } of await this.#deadOf(openIds, look)) suspects.set(of.executionId, of.version);
        this.#tally.executions += count;
        onProgress(this.#tally.executions);
      }
    }
    return suspects;
  }

  /** Those for whom nothing was found; the others are counted. */
  async #deadOf(openIds: readonly string[], look: Look): Promise<readonly Judgement[]> {
    const judgements = await this.#judgeAll(await this.#readAll(openIds, false), look);
    for (const judgement of judgements) if (!isDead(judgement)) this.#tally.addOpen(judgement);
    return judgements.filter(isDead);
  }

  /** Those of them who are dead again. At the last look there is no more to suspect: they are stuck. */
  async #lookAgain(suspects: Suspects, { isLast }: { readonly isLast: boolean }): Promise<Suspects> {
    const still = new Map<string, number>();
    for (const ids of chunksOf(byPartition(suspects.keys()), SUSPECTS_AT_ONCE)) {
      for (const { judgement, isStill } of await this.#lookAt(ids)) {
        const { executionId, version } = judgement.of;
        if (!isDead(judgement) || (isLast && !isStill)) this.#tally.addOpen(judgement);
        else if (!isLast) still.set(executionId, version);
        else if (suspects.get(executionId) === version) this.#tally.addStuck(judgement);
        else this.#tally.addOpen(judgement);
      }
    }
    return still;
  }

  /** `isStill`: it was the same before and after the look, so all the time. */
  async #lookAt(ids: readonly string[]): Promise<{ readonly judgement: Judgement; readonly isStill: boolean }[]> {
    const judgements = await this.#judgeAll(await this.#readAll(ids, true), new Look(this.parts.look));
    const dead = judgements.filter(isDead).map(({ of }) => of.executionId);
    const after = new Map((await this.#readAll(dead, true)).map((one) => [one.executionId, one.version]));
    return judgements.map((judgement) => ({
      judgement,
      isStill: after.get(judgement.of.executionId) === judgement.of.version,
    }));
  }

  async #readAll(ids: readonly string[], fresh: boolean): Promise<readonly Case[]> {
    const read = await eachOf(ids, (id) => this.parts.cases.read(id, { fresh }));
    return read.filter((one) => one !== undefined);
  }

  #judgeAll(cases: readonly Case[], look: Look): Promise<Judgement[]> {
    return eachOf(cases, (one) => this.#judge(one, look));
  }

  async #judge(of: Case, look: Look): Promise<Judgement> {
    if (of.kind === 'unreadable') return { of, judged: [] };
    const judged = of.reasons.map(async (reason) => {
      return { reason, sign: signOf(await this.parts.witness.evidenceOf(of, reason, look)) };
    });
    return { of, judged: await Promise.all(judged) };
  }
}

/** A few at once, in order. */
async function eachOf<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const chunk of chunksOf(items, AT_ONCE)) results.push(...(await Promise.all(chunk.map(work))));
  return results;
}

function* chunksOf<Item>(items: readonly Item[], size: number): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

/** Neighbours need the same of a look. */
function byPartition(ids: Iterable<string>): readonly string[] {
  return [...ids].sort((one, other) => (partitionOf(one) < partitionOf(other) ? -1 : 1));
}
