export { isDeeperThan, isJsonObject, MAX_JSON_DEPTH, type JsonObject, type JsonValue } from './json.ts';
export {
  ID_PREFIXES,
  tryParseId,
  type Brand,
  type DeadLetterId,
  type DeliveryId,
  type EmailTemplateId,
  type ExecutionId,
  type IdKind,
  type IdOf,
  type IdSource,
  type JobId,
  type OpenApiDocumentId,
  type RedriveId,
  type ScheduleId,
  type SuppressionId,
  type UserId,
  type WebhookId,
  type WorkflowId,
  type WorkspaceId,
} from './ids.ts';
export { fileNameIn } from './file-name.ts';
export { epochMsOf, toInstant, type Clock, type Instant } from './time.ts';
export {
  assertNever,
  InvariantError,
  MillraceError,
  type ErrorKind,
  type ErrorOptions,
  type Problem,
} from './errors.ts';
