export { isOfHost, type Connector, type ConnectorParts } from './connector.ts';
export { networkFailureOf } from './network-failures.ts';
export { driftOf } from './response-shape.ts';
export { retryAfterMs } from './retry-after.ts';
