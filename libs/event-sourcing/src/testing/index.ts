export { deciderSpecification } from './decider-specification.ts';
export { eventStoreContract } from './event-store-contract.ts';
export { InMemoryEventStore } from './in-memory-event-store.ts';
