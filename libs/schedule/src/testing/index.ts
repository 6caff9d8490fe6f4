export { termsOf } from './terms-of.ts';
