import { createHmac } from 'node:crypto';
import type { JsonObject } from '#libs/kernel';

/** A call as Slack makes it. */
export interface SlackSends {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Sender {
  readonly signingSecret: string;
  /** From 1; after the first one Slack says that it sends it again. */
  readonly attempt?: number;
  readonly nowMs?: number;
}

/** As JSON: `envelope` is the whole body, such as an `event_callback` or `url_verification`. */
export function sendsEvent(envelope: JsonObject, sender: Sender): SlackSends {
  return sends('application/json', JSON.stringify(envelope), sender);
}

export function sendsCommand(fields: Readonly<Record<string, string>>, sender: Sender): SlackSends {
  return sends('application/x-www-form-urlencoded', new URLSearchParams(fields).toString(), sender);
}

export function sendsInteraction(payload: JsonObject, sender: Sender): SlackSends {
  return sendsCommand({ payload: JSON.stringify(payload) }, sender);
}

function sends(
  contentType: string,
  body: string,
  { signingSecret, attempt = 1, nowMs = Date.now() }: Sender,
): SlackSends {
  const seconds = String(Math.floor(nowMs / 1_000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${seconds}:${body}`).digest('hex');
  const again = { 'x-slack-retry-num': String(attempt - 1), 'x-slack-retry-reason': 'http_timeout' };
  return {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': `v0=${signature}`,
      ...(attempt > 1 ? again : {}),
    },
    body,
  };
}
