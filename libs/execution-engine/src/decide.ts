import { InvariantError } from '#libs/kernel';
import { beginExecution, holdAtGate, passGate } from './begin.ts';
import {
  awaitExecution,
  beginAttempt,
  postponeAttempt,
  recordChildEnd,
  recordFailure,
  recordInterruption,
  recordSuccess,
  settleAttempt,
} from './attempts.ts';
import type { CommandOf, ExecutionCommand, StartExecution } from './commands.ts';
import type { DecisionContext } from './decision-context.ts';
import { Draft } from './draft.ts';
import type { ExecutionEvent } from './events.ts';
import { isAnythingKept } from './kept.ts';
import { fireTimer, resumeParked } from './fire-timer.ts';
import { recordBatch } from './loop.ts';
import { sendSignal } from './signals.ts';
import { isTerminal, type ExecutionState } from './state.ts';

type LaterCommand = Exclude<ExecutionCommand, StartExecution>;
type Decide<Type extends LaterCommand['type'] = LaterCommand['type']> = (
  command: CommandOf<Type>,
  draft: Draft,
) => void;

const DECISIONS: { readonly [Type in LaterCommand['type']]: Decide<Type> } = {
  BeginExecution: beginExecution,
  PassGate: passGate,
  HoldAtGate: holdAtGate,
  BeginAttempt: beginAttempt,
  RecordSuccess: recordSuccess,
  RecordFailure: recordFailure,
  PostponeAttempt: postponeAttempt,
  RecordInterruption: recordInterruption,
  AwaitExecution: awaitExecution,
  RecordChildEnd: recordChildEnd,
  RecordBatch: recordBatch,
  SettleAttempt: settleAttempt,
  SendSignal: sendSignal,
  FireTimer: fireTimer,
  ResumeParked: resumeParked,
  CancelExecution: ({ reason }, draft) => {
    const data = reason ? { reason } : {};
    draft.record({ type: 'ExecutionCancelRequested', data }, { type: 'ExecutionCancelled', data });
  },
};

/**
 * The facts that follow from a command. Late or repeated reports (of an attempt that is not the current one, of an
 * execution that is over) follow nothing.
 */
export function decide(
  command: ExecutionCommand,
  state: ExecutionState,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  if (command.type === 'StartExecution') return state.status === 'none' ? startExecution(command) : [];
  if (state.status === 'none')
    throw new InvariantError(`${command.type} for ${context.executionId}, which never started`);
  const draft = new Draft(state, context);
  decideIn(draft, command);
  return draft.events;
}

/** Adds to the draft what follows from a command; an execution that has started does not start again. */
export function decideIn(draft: Draft, command: ExecutionCommand): void {
  if (isTerminal(draft.state) || command.type === 'StartExecution') return;
  const decideThis = DECISIONS[command.type] as Decide;
  decideThis(command, draft);
}

/** The facts that make an execution exist; they need neither a history nor a plan, so the door can record them alone. */
export function startExecution({ type: _, kept, ...data }: StartExecution): readonly ExecutionEvent[] {
  const started: ExecutionEvent = { type: 'ExecutionStarted', data };
  return kept && isAnythingKept(kept) ? [started, { type: 'ResultsKept', data: kept }] : [started];
}
