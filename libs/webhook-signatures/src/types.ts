/** How calls of a webhook prove where they come from; all but `none` need a credential. */
export type VerifyConfig =
  { readonly scheme: 'basic'; readonly credentialId: string } | BearerConfig | OfCredential<SecretVerify>;

/** Where the signature is and what it is over, whatever the secret. */
export type SecretVerify = { readonly scheme: 'github' } | HmacConfig | StampedConfig;

type OfCredential<Verify> = Verify extends unknown ? Verify & { readonly credentialId: string } : never;

export interface BearerConfig {
  readonly scheme: 'bearer';
  readonly credentialId: string;
  /** Where the token is, alone; without it, in `Authorization: Bearer …`. Lower case. */
  readonly header?: string;
}

/** A signature over the raw body, or over a time stamp and the body, as `headers` and `encoding` say. */
export interface HmacConfig {
  readonly scheme: 'hmac';
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** Lower case. */
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  /** What stands before the signature in its header, such as `sha256=`. */
  readonly prefix: string;
  /** With it `<time stamp>.<body>` is signed, and old calls are refused. Seconds since 1970; lower case. */
  readonly timestampHeader?: string;
  readonly toleranceSeconds: number;
}

export type StampedConfig = StampedBy<'standard-webhooks'> | StampedBy<'slack'> | StampedBy<'stripe'>;

interface StampedBy<Scheme> {
  readonly scheme: Scheme;
  /** How far the sender's clock may be from ours. */
  readonly toleranceSeconds: number;
}

/** What is verified: the bytes as they came, whatever they mean. */
export interface SignedCall {
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/**
 * `missing`: nothing that could be verified; `malformed`: it can't be read; `expired`: signed too long ago, or too far
 * ahead; `mismatch`: somebody else signed, or something else.
 */
export type Refusal = 'missing' | 'malformed' | 'expired' | 'mismatch';

/** Undefined when the call is who it says. Takes as long for a wrong signature as for a right one. */
export type Verifier = (call: SignedCall, nowMs: number) => Refusal | undefined;
