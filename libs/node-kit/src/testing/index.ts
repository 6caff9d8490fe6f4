export { BELL_TRIGGER, type BellConfig } from './bell-trigger.ts';
