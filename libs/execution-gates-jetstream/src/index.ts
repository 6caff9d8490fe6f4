export { GateBucket } from './gate-bucket.ts';
export { gateLineStream, GateLineStream } from './gate-line-stream.ts';
export { holdersOf, PlacesInLine, waitsInLine } from './places-in-line.ts';
export type { GatedExecutions, GateLines, GateValues } from './ports.ts';
export { SharedGates, type SharedGatesParts } from './shared-gates.ts';
