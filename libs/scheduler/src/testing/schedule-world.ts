import { lastVersionOf, type StoredCommit } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { MillraceError } from '#libs/kernel';
import {
  dueMsOf,
  scheduleDecider,
  type Calendar,
  type ScheduleCommand,
  type ScheduleEvent,
  type ScheduleTerms,
} from '#libs/schedule';
import { termsOf } from '#libs/schedule/testing';
import { ScheduleJournal } from '../schedule-journal.ts';
import type { KnownSchedule } from '../schedule-snapshot.ts';

export const SCHEDULE_ID = 'sch_1';

export type Act =
  | { readonly kind: 'arm'; readonly leader: Leader; readonly terms: Partial<ScheduleTerms>; readonly lagMs: number }
  | { readonly kind: 'armAgain'; readonly leader: Leader }
  | { readonly kind: 'disarm'; readonly leader: Leader; readonly lagMs: number }
  | { readonly kind: 'pause' | 'resume' | 'decide' | 'adopt'; readonly leader: Leader }
  | { readonly kind: 'learn'; readonly leader: Leader }
  | { readonly kind: 'clock'; readonly byMs: number };

/** Two processes that both believe that they lead. */
export type Leader = 'a' | 'b';

/** One schedule, an event store, two leaders with calendars and memories of their own, and a clock that is set. */
export class ScheduleWorld {
  readonly store = new InMemoryEventStore<ScheduleEvent>();
  /** By version. */
  readonly armed: ScheduleTerms[] = [];
  #by = 1;
  #commits = 0;
  readonly #known: Record<Leader, KnownSchedule | undefined> = { a: undefined, b: undefined };
  readonly #journals: Readonly<Record<Leader, ScheduleJournal>>;

  constructor(
    public nowMs: number,
    isUnderWay: (executionId: string) => boolean,
  ) {
    const journalOf = (calendar: Calendar): ScheduleJournal =>
      new ScheduleJournal({
        ...{ store: this.store, clock: { nowMs: () => this.nowMs }, calendar },
        newCommitId: () => `commit_${++this.#commits}`,
        executionIdOf: (scheduleId, slotMs) => `${scheduleId}@${slotMs}`,
        isUnderWay: async ({ executionId }) => isUnderWay(executionId),
      });
    this.#journals = { a: journalOf({ croner: '11', zones: 'a' }), b: journalOf({ croner: '11', zones: 'b' }) };
  }

  async perform(act: Act): Promise<void> {
    if (act.kind === 'clock') this.nowMs += act.byMs;
    else if (act.kind === 'learn') await this.#learn(act.leader);
    else await this.#submit(act.leader, this.#commandOf(act));
  }

  /** Decides until nothing is due. Fails when something is said to be due and then is not. */
  async drive(): Promise<void> {
    for (;;) {
      const known = await this.#learn('a');
      const dueMs = known && dueMsOf(SCHEDULE_ID, known.state);
      if (dueMs === undefined || dueMs > this.nowMs) return;
      if ((await this.#submit('a', { type: 'DecideSlots' })) === 0)
        throw new Error(`due at ${dueMs}, it is ${this.nowMs}, and there is nothing to decide`);
    }
  }

  async history(): Promise<readonly StoredCommit<ScheduleEvent>[]> {
    const commits: StoredCommit<ScheduleEvent>[] = [];
    for await (const commit of this.store.readHistory(SCHEDULE_ID)) commits.push(commit);
    return commits;
  }

  async #learn(leader: Leader): Promise<KnownSchedule | undefined> {
    return (this.#known[leader] = await this.#journals[leader].read(SCHEDULE_ID));
  }

  /** How many events it made. */
  async #submit(leader: Leader, command: ScheduleCommand): Promise<number> {
    try {
      const { events, known } = await this.#journals[leader].submit(SCHEDULE_ID, command, {
        known: this.#known[leader],
      });
      this.#known[leader] = known;
      return events.length;
    } catch (error) {
      if (error instanceof MillraceError && REFUSALS.has(error.code)) return 0;
      throw error;
    }
  }

  #nextVersion(terms: Partial<ScheduleTerms>): ScheduleTerms {
    const next = termsOf(this.armed.length + 1, terms);
    this.armed.push(next);
    return next;
  }

  #commandOf(act: Exclude<Act, { kind: 'clock' | 'learn' }>): ScheduleCommand {
    switch (act.kind) {
      case 'arm': {
        const atMs = this.nowMs - act.lagMs;
        return { type: 'ArmSchedule', terms: this.#nextVersion(act.terms), atMs, by: ++this.#by };
      }
      case 'armAgain':
        return {
          type: 'ArmSchedule',
          terms: this.armed.at(-1) ?? this.#nextVersion({}),
          atMs: this.nowMs,
          by: this.#by,
        };
      case 'disarm':
        return { type: 'DisarmSchedule', atMs: this.nowMs - act.lagMs, by: ++this.#by };
      default:
        return { type: COMMANDS[act.kind] };
    }
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['SCHEDULE_NOT_FOUND', 'SCHEDULE_NOT_ACTIVE']);
const COMMANDS = {
  pause: 'PauseSchedule',
  resume: 'ResumeSchedule',
  decide: 'DecideSlots',
  adopt: 'AdoptCalendar',
} as const;

/** The fold of all events, and what each commit said that it is. */
export function foldOf(history: readonly StoredCommit<ScheduleEvent>[]) {
  let state = scheduleDecider.initialState();
  return history.map((commit) => {
    for (const event of commit.events) state = scheduleDecider.evolve(state, event, commit.at);
    return { commit, state, version: lastVersionOf(commit) };
  });
}
