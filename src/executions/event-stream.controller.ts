import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { MillraceError, type ExecutionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedRead } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { EventStreams } from './event-streams.ts';
import { eventStream, type EventView } from './execution-view.ts';
import { FollowExecution } from './follow-execution.ts';

/** How soon a caller whose stream ended comes back, in ms. */
const BACK_AFTER = 'retry: 1000\n\n';
/** A comment: keeps proxies from closing what is merely quiet. */
const QUIET = ': nothing new\n\n';

@Controller('v1/executions')
export class EventStreamController {
  constructor(
    private readonly following: FollowExecution,
    private readonly streams: EventStreams,
  ) {}

  @Get(':id/stream')
  @RequirePermission('executions:read')
  @AuditedRead('execution.read')
  @Operation({
    summary: "Follow an execution's events",
    description:
      'Server-sent events: the history so far, then each event as it is recorded, to the last one, with which the stream ' +
      'ends. `id` is the version of the event, `event` its type, `data` the `ExecutionEvent` as JSON. A stream that breaks off is ' +
      'taken up with `Last-Event-ID`; who has the last event of an execution that is over gets 204. A comment comes every 15 ' +
      'seconds without an event, and after 15 minutes the stream ends, to be taken up again.',
    requestHeaders: ['last-event-id'],
    answers: {
      200: { description: 'The stream.', otherForms: { 'text/event-stream': eventStream } },
      204: { description: 'There is nothing after that event, and there will be nothing.' },
    },
    refusals: { 400: ['INVALID_LAST_EVENT_ID'], 503: ['TOO_MANY_STREAMS'] },
  })
  async stream(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') id: ExecutionId,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const afterVersion = versionOf(lastEventId);
    const stream = this.streams.open();
    reply.raw.once('close', () => stream[Symbol.dispose]());
    const events = this.following.follow({ workspaceId, id, afterVersion, signal: stream.signal });
    // The first one is read before the answer begins, so that "not found" can still be said.
    const first = await events.next();
    if (first.done) {
      await reply.status(204).send();
      return;
    }
    await reply
      .header('content-type', 'text/event-stream')
      .header('x-accel-buffering', 'no')
      .send(Readable.from(written(first.value, events)));
  }
}

function versionOf(lastEventId = '0'): number {
  if (/^\d{1,9}$/.test(lastEventId)) return Number(lastEventId);
  const message = 'Last-Event-ID must be the id of an event of this stream, which is a whole number';
  throw new MillraceError('malformed', 'INVALID_LAST_EVENT_ID', message);
}

async function* written(
  first: EventView | 'quiet',
  events: AsyncIterable<EventView | 'quiet'>,
): AsyncGenerator<string> {
  yield `${BACK_AFTER}${textOf(first)}`;
  for await (const event of events) yield textOf(event);
}

function textOf(event: EventView | 'quiet'): string {
  return event === 'quiet' ? QUIET : `id: ${event.version}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
