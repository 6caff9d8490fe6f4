export { ParkedExecutionsBucket } from './parked-executions-bucket.ts';
