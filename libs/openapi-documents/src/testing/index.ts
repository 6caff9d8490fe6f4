export { PET_STORE } from './pet-store.ts';
export { operationIn, operationsIn } from './operations-in.ts';
