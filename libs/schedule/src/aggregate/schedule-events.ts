import type { DomainEvent } from '#libs/event-sourcing';
import type { Instant } from '#libs/kernel';
import { z } from 'zod';
import type { ScheduleRule } from '../rule.ts';

/** What is done about slots that nobody fired in time. */
export type Misfire = 'skip' | 'runOnce' | 'runAll';
/** What is done about a slot whose predecessor's execution is still under way. */
export type Overlap = 'allow' | 'skip' | 'queue' | 'cancelPrevious';

/** What one version of a workflow says of a schedule, and all that starting an execution of it needs. */
export interface ScheduleTerms {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  readonly version: number;
  readonly rule: ScheduleRule;
  readonly misfire: Misfire;
  readonly overlap: Overlap;
  readonly jitterMs: number;
  readonly priority: 'high' | 'normal' | 'low';
  /** Whether the version reads variables of its workspace; which ones stands in the workflow, as they may be many. */
  readonly readsVariables: boolean;
  /** Whether the version has a payload for the executions; it is in the workflow, not here. */
  readonly hasPayload: boolean;
}

/** By what instants were computed: the major version of croner, and the version of the zone data, such as `2026c`. */
export interface Calendar {
  readonly croner: string;
  readonly zones: string;
}

/** More slots than these are not counted. Events of the log mean it by a `count` of null, so it stays as it is. */
export const MOST_COUNTED = 1_000;

/** Slots next to each other, both ends included. `count` is null when there are more than `MOST_COUNTED`, and the rule is a cron pattern. */
interface Slots {
  readonly first: Instant;
  readonly last: Instant;
  readonly count: number | null;
}
/** The next slots that are to be decided, at most five, as far as they are known. */
interface Planned {
  readonly planned: readonly Instant[];
}

/** A stretch of time ends and another may begin. */
export interface Turn extends Planned {
  /** Whether the stretch that ends has slots without an outcome. One that has none is forgotten. */
  readonly leavesSlots: boolean;
}

/** Slots after `from` are those of these terms. `by`: the sequence of the workflow's commit that wants it so. */
export type ScheduleArmed = DomainEvent<
  'ScheduleArmed',
  Turn & { readonly terms: ScheduleTerms; readonly from: Instant; readonly calendar: Calendar; readonly by: number }
>;
/** There are no slots after `until`; those before it that have no outcome yet get one. */
export type ScheduleDisarmed = DomainEvent<'ScheduleDisarmed', Turn & { readonly until: Instant; readonly by: number }>;
/** Slots after `from` are skipped. */
export type SchedulePaused = DomainEvent<'SchedulePaused', Turn & { readonly from: Instant }>;
/** Slots after `from` are fired again. */
export type ScheduleResumed = DomainEvent<'ScheduleResumed', Turn & { readonly from: Instant }>;
export type SlotFired = DomainEvent<
  'SlotFired',
  Planned & {
    readonly slot: Instant;
    readonly executionId: string;
    readonly version: number;
    /** After the slot and its jitter; of one that its version did not live to see, after the end of the version. */
    readonly lateMs: number;
    /** Slots since the one that was fired before which got no execution of their own because nobody fired them in time. */
    readonly missed: number;
  }
>;
export type SlotsSkipped = DomainEvent<'SlotsSkipped', Planned & Slots & { readonly reason: 'overlap' | 'paused' }>;
/** `late`: too late, and the schedule skips such slots. `tooMany`: beyond the thousand that are caught up with. */
export type SlotsMissed = DomainEvent<'SlotsMissed', Planned & Slots & { readonly reason: 'late' | 'tooMany' }>;
/** One execution stands for them: that of the slot `into`; none when the slot is skipped because of an overlap. */
export type SlotsCoalesced = DomainEvent<'SlotsCoalesced', Planned & Slots & { readonly into: Instant }>;
/** A person had a slot run that got no execution at its time. */
export type SlotBackfilled = DomainEvent<
  'SlotBackfilled',
  { readonly slot: Instant; readonly executionId: string; readonly version: number }
>;
/** What was planned was computed anew by another calendar; `differences` says what became another instant. */
export type CalendarChanged = DomainEvent<
  'CalendarChanged',
  Planned & {
    readonly from: Calendar;
    readonly to: Calendar;
    readonly differences: readonly { readonly was: Instant | null; readonly is: Instant | null }[];
  }
>;

export type OutcomeEvent = SlotFired | SlotsSkipped | SlotsMissed | SlotsCoalesced;
export type ScheduleEvent =
  ScheduleArmed | ScheduleDisarmed | SchedulePaused | ScheduleResumed | OutcomeEvent | SlotBackfilled | CalendarChanged;

const OUTCOMES: Readonly<Record<OutcomeEvent['type'], true>> = {
  SlotFired: true,
  SlotsSkipped: true,
  SlotsMissed: true,
  SlotsCoalesced: true,
};

export function isOutcome(event: ScheduleEvent): event is OutcomeEvent {
  return Object.hasOwn(OUTCOMES, event.type);
}

const rule: z.ZodType<ScheduleRule> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cron'), cron: z.string(), timezone: z.string() }),
  z.object({ kind: z.literal('every'), everyMs: z.int().min(1) }),
  z.object({ kind: z.literal('at'), at: z.string() }),
]);

const terms: z.ZodType<ScheduleTerms> = z.object({
  workspaceId: z.string(),
  workflowId: z.string(),
  nodeId: z.string(),
  version: z.int().min(1),
  rule,
  misfire: z.enum(['skip', 'runOnce', 'runAll']),
  overlap: z.enum(['allow', 'skip', 'queue', 'cancelPrevious']),
  jitterMs: z.int().min(0),
  priority: z.enum(['high', 'normal', 'low']),
  readsVariables: z.boolean(),
  hasPayload: z.boolean(),
});

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data });

const calendar = z.object({ croner: z.string(), zones: z.string() });
const planned = { planned: z.array(z.string()).max(5) };
const turn = { leavesSlots: z.boolean(), ...planned };
const slots = { first: z.string(), last: z.string(), count: z.int().min(1).nullable() };

// Released shapes are frozen: a new one comes as an upcaster with a stored sample, never as an edit here.
export const scheduleEventSchema: z.ZodType<ScheduleEvent> = z.discriminatedUnion('type', [
  event('ScheduleArmed', z.object({ terms, from: z.string(), calendar, by: z.int().min(1), ...turn })),
  event('ScheduleDisarmed', z.object({ until: z.string(), by: z.int().min(1), ...turn })),
  event('SchedulePaused', z.object({ from: z.string(), ...turn })),
  event('ScheduleResumed', z.object({ from: z.string(), ...turn })),
  event(
    'SlotFired',
    z.object({
      slot: z.string(),
      executionId: z.string(),
      version: z.int().min(1),
      lateMs: z.int(),
      missed: z.int().min(0),
      ...planned,
    }),
  ),
  event('SlotsSkipped', z.object({ ...slots, reason: z.enum(['overlap', 'paused']), ...planned })),
  event('SlotsMissed', z.object({ ...slots, reason: z.enum(['late', 'tooMany']), ...planned })),
  event('SlotsCoalesced', z.object({ ...slots, into: z.string(), ...planned })),
  event('SlotBackfilled', z.object({ slot: z.string(), executionId: z.string(), version: z.int().min(1) })),
  event(
    'CalendarChanged',
    z.object({
      from: calendar,
      to: calendar,
      differences: z.array(z.object({ was: z.string().nullable(), is: z.string().nullable() })),
      ...planned,
    }),
  ),
]);
