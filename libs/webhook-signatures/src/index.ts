export type { HmacConfig, Refusal, SecretVerify, SignedCall, Verifier, VerifyConfig } from './types.ts';
export { CREDENTIALS_OF, problemOf, secretVerifierOf, unfitType, verifierOf } from './verifier.ts';
export { HMAC_DEFAULTS, TOLERANCE_SECONDS, verifyOf } from './verify-of.ts';
