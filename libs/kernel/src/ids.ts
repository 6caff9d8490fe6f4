declare const brand: unique symbol;
/** A string that was checked once and is trusted from there on. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** What each id starts with; the prefix tells people and logs what they look at. */
export const ID_PREFIXES = {
  workflow: 'wf',
  execution: 'ex',
  webhook: 'wh',
  user: 'usr',
  workspace: 'ws',
  apiKey: 'key',
  credential: 'cr',
  delivery: 'dlv',
  deadLetter: 'dl',
  redrive: 'rdr',
  job: 'job',
  rebuild: 'rb',
  schedule: 'sch',
  suppression: 'sup',
  emailTemplate: 'tpl',
  openapiDocument: 'oad',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

export type WorkflowId = Brand<string, 'WorkflowId'>;
export type ExecutionId = Brand<string, 'ExecutionId'>;
export type WebhookId = Brand<string, 'WebhookId'>;
export type UserId = Brand<string, 'UserId'>;
export type WorkspaceId = Brand<string, 'WorkspaceId'>;
export type DeadLetterId = Brand<string, 'DeadLetterId'>;
export type RedriveId = Brand<string, 'RedriveId'>;
export type JobId = Brand<string, 'JobId'>;
export type DeliveryId = Brand<string, 'DeliveryId'>;
export type ScheduleId = Brand<string, 'ScheduleId'>;
export type SuppressionId = Brand<string, 'SuppressionId'>;
export type EmailTemplateId = Brand<string, 'EmailTemplateId'>;
export type OpenApiDocumentId = Brand<string, 'OpenApiDocumentId'>;

interface IdTypes {
  workflow: WorkflowId;
  execution: ExecutionId;
  webhook: WebhookId;
  user: UserId;
  workspace: WorkspaceId;
  apiKey: Brand<string, 'ApiKeyId'>;
  credential: Brand<string, 'CredentialId'>;
  delivery: DeliveryId;
  deadLetter: DeadLetterId;
  redrive: RedriveId;
  job: JobId;
  rebuild: Brand<string, 'RebuildId'>;
  schedule: ScheduleId;
  suppression: SuppressionId;
  emailTemplate: EmailTemplateId;
  openapiDocument: OpenApiDocumentId;
}
export type IdOf<Kind extends IdKind> = IdTypes[Kind];

/** Makes fresh ids; an adapter brings the chance. */
export interface IdSource {
  newId<Kind extends IdKind>(kind: Kind): IdOf<Kind>;
  /** `bytes` random bytes as base64url. */
  newToken(bytes: number): string;
}

/** Ids become subject tokens (ADR-6 of nats-architecture-and-design), so nothing else may stand in them. */
const ID_BODY = /^[A-Za-z0-9_-]{1,64}$/;

/** The id when `text` has its shape, else undefined. */
export function tryParseId<Kind extends IdKind>(kind: Kind, text: string): IdOf<Kind> | undefined {
  const prefix = `${ID_PREFIXES[kind]}_`;
  if (!text.startsWith(prefix) || !ID_BODY.test(text.slice(prefix.length))) return undefined;
  return text as IdOf<Kind>;
}
