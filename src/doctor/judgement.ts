import type { WaitReason } from '#libs/execution-engine';
import type { Case } from './cases.ts';
import { deadReasonOf, unreadable, waitsForNothing } from './dead-reason.ts';
import type { Sign } from './evidence.ts';
import type { Findings, ReasonKind, StuckExecution } from './report.ts';

/** An execution, and what was found behind each of its reasons to wait. */
export interface Judgement {
  readonly of: Case;
  readonly judged: readonly { readonly reason: WaitReason; readonly sign: Sign }[];
}

/** Whether the execution would wait for ever: for something dead, or for nothing at all. */
export function isDead({ of, judged }: Judgement): boolean {
  return of.kind === 'unreadable' || judged.length === 0 || judged.some(({ sign }) => sign === 'dead');
}

export function stuckExecutionOf({ of, judged }: Judgement): StuckExecution {
  const { executionId } = of;
  if (of.kind === 'unreadable') return { executionId, execution: null, dead: [unreadable(of.message)] };
  const { state, version } = of;
  const { workspaceId, workflowId, workflowVersion, status } = state;
  const execution = { workspaceId, workflowId, workflowVersion, status, version };
  const dead = judged.filter(({ sign }) => sign === 'dead').map(({ reason }) => deadReasonOf(executionId, reason));
  return { executionId, execution, dead: dead.length > 0 ? dead : [waitsForNothing(executionId)] };
}

/** Executions that are told one by one; of the others only how many there are. */
const MAX_TOLD = 1_000;

/** Adds up what is found. */
export class Tally {
  readonly #reasons: Record<ReasonKind, number> = { task: 0, timer: 0, signal: 0, child: 0, gate: 0, person: 0 };
  readonly #stuck: StuckExecution[] = [];
  #stuckCount = 0;
  #open = 0;
  #onTheirWay = 0;
  executions = 0;

  addOpen({ judged }: Judgement): void {
    this.#open++;
    for (const { reason, sign } of judged) {
      if (sign !== 'dead') this.#reasons[reason.kind]++;
      if (sign === 'onItsWay') this.#onTheirWay++;
    }
  }

  addStuck(judgement: Judgement): void {
    this.addOpen(judgement);
    if (++this.#stuckCount <= MAX_TOLD) this.#stuck.push(stuckExecutionOf(judgement));
  }

  findings(): Findings {
    return {
      executions: this.executions,
      open: this.#open,
      reasons: this.#reasons,
      onTheirWay: this.#onTheirWay,
      stuckCount: this.#stuckCount,
      stuck: this.#stuck,
    };
  }
}
