export { startFakeGitHub, type FakeGitHub, type FakeGitHubOptions, type FakeTrouble } from './fake-github.ts';
export { sendsDelivery, type Delivery, type GitHubSends } from './github-sends.ts';
