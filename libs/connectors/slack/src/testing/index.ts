export { startFakeSlack, type FakeCall, type FakeFault, type FakeSlack } from './fake-slack.ts';
export type { FakeChannel, FakeFile, FakeMessage, FakeWorkspace } from './fake-state.ts';
export { sendsCommand, sendsEvent, sendsInteraction, type Sender, type SlackSends } from './slack-sends.ts';
