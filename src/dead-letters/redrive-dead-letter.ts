import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ConcurrencyConflict, type Actor } from '#libs/event-sourcing';
import { DeadLetterLog } from '#libs/dead-letters';
import { keptOf, type StartedExecution, type StartExecution } from '#libs/execution-engine';
import { ExecutionJournal, KnownStates } from '#libs/execution-runtime';
import { JetStreamPublisher } from '#libs/jetstream';
import { epochMsOf, MillraceError, toInstant, type Clock } from '#libs/kernel';
import { findDeadLetter, findWorkflow, type Database, type DeadLetterRecord } from '#libs/read-models';
import { workSubject } from '#libs/work-queue-jetstream';
import { noteChange } from '../platform/audit/change-notes.ts';
import { derivedId } from '../platform/ids.ts';
import { CLOCK } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';

export interface RedriveWish {
  readonly workspaceId: string;
  readonly deadLetterId: string;
  readonly actor: Actor;
}

export interface RedrivenLetter {
  readonly executionId: string;
  /** In `DEAD_LETTERS`, of the fact that says so; absent when that was said before. */
  readonly sequence?: number;
}

/**
 * The work of a dead letter goes on: in a new execution that keeps what was done before it, or, where it was poison, in
 * the same one. All that is made has a name that follows from the letter, so doing this twice is doing it once.
 */
@Injectable()
export class RedriveDeadLetter {
  // eslint-disable-next-line max-params -- each parameter is one part of what a start needs
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly states: KnownStates,
    private readonly journal: ExecutionJournal,
    private readonly publisher: JetStreamPublisher,
    private readonly log: DeadLetterLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the log has it. */
  async redrive({ workspaceId, deadLetterId, actor }: RedriveWish): Promise<RedrivenLetter> {
    const letter = await findDeadLetter(this.database, workspaceId, deadLetterId);
    if (!letter)
      throw new MillraceError('notFound', 'DEAD_LETTER_NOT_FOUND', `there is no dead letter ${deadLetterId}`);
    noteChange({ target: letter.id, before: { status: letter.status } });
    if (letter.redrivenAs !== null) return { executionId: letter.redrivenAs };
    await this.#ensureOpen(letter);
    const executionId = letter.kind === 'poison' ? await this.#queueAgain(letter) : await this.#goOn(letter, actor);
    const { id, executor } = letter;
    noteChange({ after: { status: 'redriven', executionId } });
    const at = toInstant(this.clock.nowMs());
    return {
      executionId,
      sequence: await this.log.record({ type: 'Redriven', id, workspaceId, executor, executionId, at }),
    };
  }

  async #ensureOpen({ status, workspaceId, workflowId }: DeadLetterRecord): Promise<void> {
    if (status !== 'open')
      throw new MillraceError('conflict', 'DEAD_LETTER_SETTLED', `the dead letter is ${status}; it stays so`);
    if (!(await findWorkflow(this.database, workspaceId, workflowId)))
      throw new MillraceError('conflict', 'WORKFLOW_DELETED', 'its workflow is deleted, and nothing of it runs again');
  }

  async #queueAgain({ id, executionId, task }: DeadLetterRecord): Promise<string> {
    if (task)
      await this.publisher.publish(workSubject(executionId, task.queue), JSON.stringify(task.payload), {
        messageId: id,
      });
    return executionId;
  }

  async #goOn(letter: DeadLetterRecord, actor: Actor): Promise<string> {
    const { state, version } = await this.states.read(letter.executionId, { fresh: true });
    if (state.status === 'none')
      throw new MillraceError('conflict', 'HISTORY_GONE', 'the history that it would go on with is no longer kept');
    const chance = createHash('sha256').update(`redrive/${letter.id}`).digest();
    const executionId = derivedId('execution', epochMsOf(state.createdAt), chance);
    try {
      await this.journal.start(executionId, commandFor(letter, state, version), actor);
    } catch (error) {
      // It was started before, by somebody who could not say so any more.
      if (!(error instanceof ConcurrencyConflict)) throw error;
    }
    return executionId;
  }
}

function commandFor({ id, executionId }: DeadLetterRecord, state: StartedExecution, version: number): StartExecution {
  const { workspaceId, workflowId, workflowVersion, trigger, input, files, priority, vars, pins } = state;
  return {
    type: 'StartExecution',
    workspaceId,
    workflowId,
    workflowVersion,
    trigger: { type: 'redrive', nodeId: trigger.nodeId },
    input,
    priority,
    origin: { kind: 'redrive', executionId, version, deadLetterId: id },
    ...(files ? { files } : {}),
    ...(vars ? { vars } : {}),
    ...(pins ? { pins } : {}),
    kept: keptOf(state),
  };
}
