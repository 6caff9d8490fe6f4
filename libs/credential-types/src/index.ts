export { allowedHosts, areHostsWithin, isHostAllowed } from './allowed-hosts.ts';
export {
  CREDENTIAL_TYPE_NAMES,
  CREDENTIAL_TYPES,
  typedData,
  type Credential,
  type CredentialType,
  type CredentialTypeInfo,
  type TypedData,
} from './credential-types.ts';
export {
  defineCredentialType,
  type CredentialTypeDefinition,
  type DefinedCredential,
} from './credential-type-definition.ts';
export {
  basicData,
  bearerData,
  headerData,
  imapData,
  OAUTH2_PROVIDERS,
  oauth2Data,
  oauth2Stored,
  oauth2Tokens,
  smtpData,
  webhookSecretData,
} from './data-schemas.ts';
export { secretsOf } from './secrets-of.ts';
