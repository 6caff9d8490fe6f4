import { createHmac } from 'node:crypto';
import type { JsonObject } from '#libs/kernel';

export interface Delivery {
  /** As `x-github-event` names it. */
  readonly event: string;
  /** A delivery that is sent again has the same. */
  readonly id: string;
  readonly payload: JsonObject;
  /** What the hook was made with. */
  readonly secret: string;
}

/** A call as GitHub makes it, of a hook whose content type is JSON. */
export interface GitHubSends {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function sendsDelivery({ event, id, payload, secret }: Delivery): GitHubSends {
  const body = JSON.stringify(payload);
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  };
}
