import { Injectable } from '@nestjs/common';
import {
  evolveAll,
  initialState,
  isTerminalEvent,
  OwnNodes,
  type NodeState,
  type StartedExecution,
} from '#libs/execution-engine';
import { InvariantError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { ExecutionHistories } from './execution-histories.ts';
import { noSuchEvent } from './no-such-event.ts';

/** An execution as it was after one of its events. */
export interface PastExecution {
  readonly id: ExecutionId;
  readonly version: number;
  readonly state: StartedExecution;
}

/** Folds histories up to a point. */
@Injectable()
export class PastExecutions {
  constructor(private readonly histories: ExecutionHistories) {}

  /** After event `version`. Throws `EXECUTION_VERSION_NOT_FOUND`. */
  async at(workspaceId: WorkspaceId, id: ExecutionId, version: number): Promise<PastExecution> {
    const past = await this.#upTo(workspaceId, id, (event) => event.version > version);
    if (past.version === version) return past;
    throw noSuchEvent(past.version, version);
  }

  /** Before the event that ended it; as it is now when it is not over. */
  beforeItsEnd(workspaceId: WorkspaceId, id: ExecutionId): Promise<PastExecution> {
    return this.#upTo(workspaceId, id, (event) => isTerminalEvent(event.type));
  }

  async #upTo(
    workspaceId: WorkspaceId,
    id: ExecutionId,
    isBeyond: (event: { readonly version: number; readonly type: string }) => boolean,
  ): Promise<PastExecution> {
    const own = new OwnNodes<NodeState>();
    let state = initialState();
    let version = 0;
    for await (const { firstVersion, events, at } of this.histories.commits(workspaceId, id)) {
      const beyond = events.findIndex(({ type }, index) => isBeyond({ version: firstVersion + index, type }));
      const counted = beyond < 0 ? events : events.slice(0, beyond);
      state = evolveAll(state, counted, { at, own });
      version += counted.length;
      if (beyond >= 0) break;
    }
    if (state.status !== 'none') return { id, version, state };
    throw new InvariantError(`the history of ${id} does not begin with its start`);
  }
}
