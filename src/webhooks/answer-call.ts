import { Inject, Injectable } from '@nestjs/common';
import type { ExecutionId, IdSource, WorkspaceId } from '#libs/kernel';
import { isSourceRoute, type Route } from '#libs/webhook-routes';
import { ExecutionEnd } from '../executions/execution-end.ts';
import { ReadExecutions } from '../executions/read-executions.ts';
import { ID_SOURCE } from '../platform/tokens.ts';
import { AcceptCall } from './accept-call.ts';
import { acceptedAnswer, answerOf, type HookAnswer } from './hook-answer.ts';
import { ReceiveCall } from './receive-call.ts';
import type { WebhookCall } from './trigger-output.ts';

type Call = Omit<WebhookCall, 'receivedAt'>;
type Respond = NonNullable<Route['respond']>;

/** Accepts a call and finds what its caller is answered: at once, or when the execution has something to say. */
@Injectable()
export class AnswerCall {
  constructor(
    private readonly acceptCall: AcceptCall,
    private readonly receiveCall: ReceiveCall,
    private readonly executionEnd: ExecutionEnd,
    private readonly readExecutions: ReadExecutions,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  /** `gone` aborts when the caller hears no answer any more; the execution goes on. Undefined then. */
  async answer(route: Route, call: Call, gone: AbortSignal): Promise<HookAnswer | undefined> {
    if (isSourceRoute(route)) return this.receiveCall.receive(route, call);
    const id = this.ids.newId('execution');
    if (!route.respond) {
      const { executionId, isNew } = await this.acceptCall.accept(route, call, id);
      return acceptedAnswer(executionId, { isRepeated: !isNew });
    }
    return this.#whenSaid(route, route.respond, { id, call, gone });
  }

  async #whenSaid(
    route: Route,
    respond: Respond,
    { id, call, gone }: { id: ExecutionId; call: Call; gone: AbortSignal },
  ): Promise<HookAnswer | undefined> {
    using end = this.executionEnd.listen(id, respond.mode === 'node' ? respond.nodes : []);
    const { executionId, isNew } = await this.acceptCall.accept(route, call, id);
    // Under another's id nobody listened from the beginning: its end may have passed. Of calls with one id, one is answered.
    if (executionId !== id || !isNew) return acceptedAnswer(executionId, { isRepeated: !isNew });
    const heard = await end.within(respond.timeoutMs, gone);
    if (gone.aborted) return undefined;
    const view = heard
      ? await this.readExecutions.viewOf(heard)
      : await this.readExecutions.getFresh(route.workspaceId as WorkspaceId, executionId as ExecutionId);
    return answerOf(view, respond);
  }
}
