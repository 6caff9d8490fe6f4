import type { Route } from '#libs/webhook-routes';
import type { SignedCall } from '#libs/webhook-signatures';
import { isJsonObject } from '#libs/kernel';

/**
 * What Slack wants to hear before it sends anything: the challenge of `url_verification`, in clear text. Undefined for any
 * other call. Source: docs.slack.dev, "url_verification event".
 */
export function slackChallengeOf({ verify }: Route, body: Uint8Array): string | undefined {
  if (verify?.scheme !== 'slack' || body.length > MAX_CHALLENGE_BYTES) return undefined;
  try {
    const event: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (!isJsonObject(event) || event['type'] !== 'url_verification') return undefined;
    return typeof event['challenge'] === 'string' ? event['challenge'] : undefined;
  } catch {
    // A form: commands and buttons come as one.
    return undefined;
  }
}

const MAX_CHALLENGE_BYTES = 4_096;
const FORM = /^application\/x-www-form-urlencoded\b/i;

/** Slack looks at times whether the certificate of a command's URL is good; such a call is not signed, and asks for nothing. What is signed, or is no form, is none, whatever stands in it. */
export function isSlackSslCheck({ verify }: Route, { headers, body }: SignedCall): boolean {
  if (verify?.scheme !== 'slack' || body.length > MAX_CHALLENGE_BYTES) return false;
  if (headers['x-slack-signature'] !== undefined || !FORM.test(String(headers['content-type']))) return false;
  return new URLSearchParams(Buffer.from(body).toString('utf8')).get('ssl_check') === '1';
}
