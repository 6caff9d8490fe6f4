export { deciderSpecification } from './decider-specification.ts';
export { frozenSamples, type FrozenSamples } from './frozen-samples.ts';
export { eventStoreContract } from './event-store-contract.ts';
export { InMemoryEventStore } from './in-memory-event-store.ts';
