export { GateBucket } from './gate-bucket.ts';
export { gateLineStream, GateLineStream } from './gate-line-stream.ts';
export { PlacesInLine, standingInLine, type StandingInLine } from './places-in-line.ts';
export type { GatedExecutions, GateLines, GateValues } from './ports.ts';
export { SharedGates, type SharedGatesParts } from './shared-gates.ts';
