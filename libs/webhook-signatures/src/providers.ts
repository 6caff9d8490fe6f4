import { headerOf } from './call-headers.ts';
import { hmacOf, isSignedByAny } from './compare.ts';
import { stampedVerifier } from './stamped.ts';
import type { HmacConfig, Verifier } from './types.ts';

/** `X-Hub-Signature-256: sha256=<hex>` over the body. Source: docs.github.com, "Validating webhook deliveries". */
export function githubVerifier(secrets: readonly string[]): Verifier {
  return plainHmac(secrets, {
    algorithm: 'sha256',
    header: 'x-hub-signature-256',
    encoding: 'hex',
    prefix: 'sha256=',
  });
}

/** `X-Slack-Signature: v0=<hex>` over `v0:<seconds>:<body>`. Source: docs.slack.dev, "Verifying requests from Slack". */
export function slackVerifier(secrets: readonly string[], toleranceSeconds: number): Verifier {
  return stampedVerifier(toleranceSeconds, (call) => {
    const timestamp = headerOf(call, 'x-slack-request-timestamp');
    const signature = headerOf(call, 'x-slack-signature');
    if (timestamp === undefined || signature === undefined) return 'missing';
    const given = signatureIn(signature, 'v0=', 'hex');
    if (!given) return 'malformed';
    const parts = [`v0:${timestamp}:`, call.body];
    return { timestamp, isSigned: () => isSignedByAny(hmacs('sha256', secrets, parts), [given]) };
  });
}

/**
 * `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]` over `<seconds>.<body>`; the secret is the key as it is written.
 * Source: docs.stripe.com, "Verify webhook signatures manually".
 */
export function stripeVerifier(secrets: readonly string[], toleranceSeconds: number): Verifier {
  return stampedVerifier(toleranceSeconds, (call) => {
    const header = headerOf(call, 'stripe-signature');
    if (header === undefined) return 'missing';
    const fields = header.split(',').map((field) => field.trim().split('=', 2));
    const timestamp = fields.find(([name]) => name === 't')?.[1];
    const given = fields.flatMap(([name, value = '']) => (name === 'v1' ? [Buffer.from(value, 'hex')] : []));
    if (timestamp === undefined || given.length === 0 || given.length > MAX_SIGNATURES) return 'malformed';
    const parts = [`${timestamp}.`, call.body];
    return { timestamp, isSigned: () => isSignedByAny(hmacs('sha256', secrets, parts), given) };
  });
}

/** Senders of their own making: over the body, or over `<seconds>.<body>`. */
export function hmacVerifier(secrets: readonly string[], config: HmacConfig): Verifier {
  const { timestampHeader, algorithm, header, encoding, prefix, toleranceSeconds } = config;
  if (timestampHeader === undefined) return plainHmac(secrets, config);
  return stampedVerifier(toleranceSeconds, (call) => {
    const timestamp = headerOf(call, timestampHeader);
    const signature = headerOf(call, header);
    if (timestamp === undefined || signature === undefined) return 'missing';
    const given = signatureIn(signature, prefix, encoding);
    if (!given) return 'malformed';
    const parts = [`${timestamp}.`, call.body];
    return { timestamp, isSigned: () => isSignedByAny(hmacs(algorithm, secrets, parts), [given]) };
  });
}

/** More than any sender needs to change its secrets, and few enough to be compared in no time. */
export const MAX_SIGNATURES = 10;

type HmacRules = Pick<HmacConfig, 'algorithm' | 'header' | 'encoding' | 'prefix'>;

function plainHmac(secrets: readonly string[], { algorithm, header, encoding, prefix }: HmacRules): Verifier {
  return (call) => {
    const signature = headerOf(call, header);
    if (signature === undefined) return 'missing';
    const given = signatureIn(signature, prefix, encoding);
    if (!given) return 'malformed';
    return isSignedByAny(hmacs(algorithm, secrets, [call.body]), [given]) ? undefined : 'mismatch';
  };
}

function hmacs(algorithm: string, keys: readonly string[], parts: readonly (string | Uint8Array)[]): Buffer[] {
  return keys.map((key) => hmacOf(algorithm, key, parts));
}

function signatureIn(text: string, prefix: string, encoding: HmacConfig['encoding']): Buffer | undefined {
  return text.startsWith(prefix) ? Buffer.from(text.slice(prefix.length), encoding) : undefined;
}
