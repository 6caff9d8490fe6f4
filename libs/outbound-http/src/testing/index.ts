export { startServer, type TestServer } from './test-server.ts';
