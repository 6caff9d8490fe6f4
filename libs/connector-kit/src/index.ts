export { AttemptCalls, type AttemptCall } from './attempt-calls.ts';
export { callJson, type JsonAnswer, type JsonCall } from './call-json.ts';
export { isOfHost, type Connector, type ConnectorParts } from './connector.ts';
export { doubtedUnlessRepeatable, ensureWanted, LONGEST_ATTEMPT_MS, lostAnswerOf, type Asked } from './lost-answers.ts';
export { networkFailureOf } from './network-failures.ts';
export { driftOf } from './response-shape.ts';
export { retryAfterMs } from './retry-after.ts';
export { serviceFailureOf, textIn, type RefusedAnswer, type ServiceFailures } from './service-failures.ts';
