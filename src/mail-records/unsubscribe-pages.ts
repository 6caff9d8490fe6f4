import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { escaped, FOR_PEOPLE, sendPage } from '../platform/http/page-for-people.ts';
import { Unsubscribe, type Subscription, type UnsubscribeLink } from './unsubscribe.ts';

/** Mail programs send `List-Unsubscribe=One-Click` as a form; nothing in it is looked at. */
const MAX_BODY_BYTES = 4 * 1024;

/**
 * `/unsubscribe/:mailKey/:signature`, on Fastify directly: its bodies are forms. Only POST does anything, since programs that
 * look for harm open every link of a mail.
 */
@Injectable()
export class UnsubscribePages {
  constructor(private readonly unsubscribing: Unsubscribe) {}

  register(server: FastifyInstance): void {
    server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { bodyLimit: MAX_BODY_BYTES, parseAs: 'buffer' }, async () => undefined);
      const url = '/unsubscribe/:mailKey/:signature';
      scope.get<{ Params: UnsubscribeLink }>(url, { config: FOR_PEOPLE }, async ({ params }, reply) =>
        sendPage(reply, 'Unsubscribe', askFor(await this.unsubscribing.find(params))),
      );
      scope.post<{ Params: UnsubscribeLink }>(url, { config: FOR_PEOPLE }, async ({ params }, reply) =>
        sendPage(reply, 'Unsubscribed', confirm(await this.unsubscribing.unsubscribe(params))),
      );
    });
  }
}

function askFor(subscription: Subscription): string {
  return `<p>No more mail ${about(subscription)}?</p>
<form method="post"><button type="submit">Unsubscribe</button></form>`;
}

function confirm(subscription: Subscription): string {
  return `<p>You get no more mail ${about(subscription)}.</p>`;
}

function about({ address, topic }: Subscription): string {
  return `${topic === null ? '' : `about “${escaped(topic)}” `}to ${escaped(address)}`;
}
