export { describeConnector } from './describe-connector.ts';
export { describeShape } from './describe-shape.ts';
export { fixturesOf } from './fixtures.ts';
export type {
  ActionScenario,
  Answer,
  CallScenario,
  ConnectorSetup,
  FailureScenario,
  FaultName,
  RecordedAnswer,
  TriggerScenario,
} from './setup.ts';
