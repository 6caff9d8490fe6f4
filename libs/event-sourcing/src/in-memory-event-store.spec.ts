import { eventStoreContract, InMemoryEventStore } from './testing/index.ts';

eventStoreContract('InMemoryEventStore', async () => new InMemoryEventStore());
