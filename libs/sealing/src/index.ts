export { seal, tryOpen } from './sealing.ts';
