export { calmDown, childrenLeftAlone, deadReasons, quiet, startedIn } from './live-world.ts';
export { SimulatedWorld } from './simulated-world.ts';
export { take, turns, type Turn } from './turns.ts';
