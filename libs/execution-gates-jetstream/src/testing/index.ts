export { gateLinesContract, gateValuesContract } from './contracts.ts';
export { GateWorld, gatedPlan, type GatePorts, type GateTask, type GateWorker } from './gate-world.ts';
export { InMemoryGateLines, InMemoryGateValues } from './in-memory-gates.ts';
