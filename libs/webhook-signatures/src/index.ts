export type { HmacConfig, Refusal, SignedCall, Verifier, VerifyConfig } from './types.ts';
export { CREDENTIALS_OF, problemOf, verifierOf } from './verifier.ts';
