export { startFakeGitHub, type FakeGitHub, type FakeGitHubOptions, type FakeTrouble } from './fake-github.ts';
