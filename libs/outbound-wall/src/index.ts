export { DestinationRefused, type DestinationRefusedCode } from './destination-refused.ts';
export {
  tryParseDestinationRule,
  tryParseHost,
  withoutDots,
  type Destination,
  type DestinationRule,
} from './destination-rule.ts';
export { createGuardedLookup, createPinnedLookup, type ResolveAll } from './guarded-lookup.ts';
export { resolveWithin } from './resolve-within.ts';
export { createWall, type DestinationLists, type Wall } from './wall.ts';
