export { CircuitBucket, LONGEST_KEY, type Destination } from './circuit-bucket.ts';
export type { CircuitTableObserver } from './circuit-table.ts';
export { Circuits } from './circuits.ts';
export {
  Destinations,
  type CallEnd,
  type DestinationsObserver,
  type DestinationsParts,
  type Entrance,
  type PostponeReason,
  type Visit,
} from './destinations.ts';
export { QuotaBucket } from './quota-bucket.ts';
export { Quotas, type QuotasObserver } from './quotas.ts';
