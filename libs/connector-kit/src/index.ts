export { isOfHost, type Connector, type ConnectorParts } from './connector.ts';
export { driftOf } from './response-shape.ts';
