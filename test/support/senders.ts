import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonValue } from '#libs/kernel';

/** A sender of webhooks, as its documentation says: what it sends, and how it signs that. */
export interface Sender {
  /** Of its page and of its example. */
  readonly name: string;
  /** The file of what it sends. */
  readonly payload: string;
  readonly secret: string;
  /** Of one delivery, which a retry of it shares. */
  readonly headers: (delivery: Delivery) => Readonly<Record<string, string>>;
  /** What the example makes of it. */
  readonly output: JsonValue;
  readonly status: 200 | 202;
}

export interface Delivery {
  readonly secret: string;
  readonly text: string;
  /** Where the sender has one of its own, and it is not part of the body. */
  readonly id: string;
  /** From 1; the others are retries. */
  readonly attempt: number;
}

const JSON_BODY = { 'content-type': 'application/json' };
const hmac = (key: string | Buffer, text: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', key).update(text).digest(encoding);
const nowSeconds = (): string => String(Math.floor(Date.now() / 1000));

export function payloadOf(file: string): string {
  return readFileSync(`test/support/payloads/${file}`, 'utf8');
}

export function githubHeaders(event: string, { secret, text, id }: Delivery): Readonly<Record<string, string>> {
  return {
    ...JSON_BODY,
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-github-hook-id': '292430182',
    'x-hub-signature-256': `sha256=${hmac(secret, text)}`,
  };
}

export function slackHeaders(
  contentType: string,
  { secret, text, attempt }: Delivery,
): Readonly<Record<string, string>> {
  const seconds = nowSeconds();
  const retry = { 'x-slack-retry-num': String(attempt - 1), 'x-slack-retry-reason': 'http_timeout' };
  return {
    'content-type': contentType,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': seconds,
    'x-slack-signature': `v0=${hmac(secret, `v0:${seconds}:${text}`)}`,
    ...(attempt > 1 ? retry : {}),
  };
}

function stripeHeaders({ secret, text }: Delivery): Readonly<Record<string, string>> {
  const seconds = nowSeconds();
  // The second one is what another secret signed, as while a secret is rolled; v0 is for tests of Stripe's own.
  const signatures = `v1=${hmac(secret, `${seconds}.${text}`)},v1=${hmac('whsec_other', text)},v0=${hmac('v0', text)}`;
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'stripe-signature': `t=${seconds},${signatures}`,
  };
}

function shopifyHeaders({ secret, text, id }: Delivery): Readonly<Record<string, string>> {
  return {
    ...JSON_BODY,
    'x-shopify-topic': 'orders/create',
    'x-shopify-hmac-sha256': hmac(secret, text, 'base64'),
    'x-shopify-shop-domain': 'example.myshopify.com',
    'x-shopify-api-version': '2026-07',
    'x-shopify-webhook-id': id,
    'x-shopify-triggered-at': '2026-11-28T12:00:00.123456789Z',
  };
}

/** Those of every GitLab; a secret of one that does not sign is sent as it is. */
export function gitlabHeaders(id: string): Readonly<Record<string, string>> {
  return {
    ...JSON_BODY,
    'user-agent': 'GitLab/18.11.0',
    'x-gitlab-event': 'Push Hook',
    'x-gitlab-instance': 'https://gitlab.example.com',
    'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
    'idempotency-key': id,
  };
}

function signedGitlabHeaders({ secret, text, id }: Delivery): Readonly<Record<string, string>> {
  const seconds = nowSeconds();
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = hmac(key, `${id}.${seconds}.${text}`, 'base64');
  return {
    ...gitlabHeaders(id),
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
}

function curlHeaders({ secret, text, id }: Delivery): Readonly<Record<string, string>> {
  const seconds = nowSeconds();
  const signature = hmac(secret, `${seconds}.${text}`);
  return { ...JSON_BODY, 'x-delivery': id, 'x-timestamp': seconds, 'x-signature': signature };
}

const slackAnswer = { response_type: 'ephemeral', text: 'Heard you, roadrunner: /webhook-collect ' };

export const SENDERS: readonly Sender[] = [
  {
    name: 'github',
    payload: 'github-push.json',
    secret: "It's a Secret to Everybody",
    headers: (delivery) => githubHeaders('push', delivery),
    output: {
      repository: 'Codertocat/Hello-World',
      commit: '6113728f27ae82c7b1a177c8d03f9e96e0adf246',
      by: 'Codertocat',
      commits: 1,
    },
    status: 202,
  },
  {
    name: 'slack',
    payload: 'slack-command.form',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: (delivery) => slackHeaders('application/x-www-form-urlencoded', delivery),
    output: slackAnswer,
    status: 200,
  },
  {
    name: 'slack-events',
    payload: 'slack-event.json',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: (delivery) => slackHeaders('application/json', delivery),
    output: { channel: 'C0LAN2Q65', user: 'U061F7AUR', text: 'What is the hour of the pearl, <@U0LAN0Z89>?' },
    status: 202,
  },
  {
    name: 'stripe',
    payload: 'stripe-payment-succeeded.json',
    secret: 'whsec_test_secret',
    headers: stripeHeaders,
    output: { payment: 'pi_3PtestKbBs0rL8Xv1dQw9Wg4', order: '6735', amount: 2000, currency: 'usd' },
    status: 202,
  },
  {
    name: 'shopify',
    payload: 'shopify-order.json',
    secret: 'hush',
    headers: shopifyHeaders,
    output: {
      shop: 'example.myshopify.com',
      order: '#9999',
      id: 'gid://shopify/Order/820982911946154508',
      total: '398.00 USD',
    },
    status: 202,
  },
  {
    name: 'gitlab',
    payload: 'gitlab-push.json',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: signedGitlabHeaders,
    output: {
      project: 'mike/diaspora',
      commit: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7',
      by: 'jsmith',
      commits: 4,
    },
    status: 202,
  },
  {
    name: 'curl',
    payload: 'curl-report.json',
    secret: 'a secret of our own',
    headers: curlHeaders,
    output: { job: 'nightly-backup', verdict: 'done' },
    status: 200,
  },
];
