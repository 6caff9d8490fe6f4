export { lockDataDir, type DataDirLock } from './data-dir-lock.ts';
export { type EmbeddedServer, type ServerExit } from './embedded-server.ts';
export { EmbeddedServerError, type EmbeddedServerErrorCode } from './errors.ts';
export { findNatsServer } from './find-nats-server.ts';
export { keepRunning, type KeptServerObserver } from './keep-running.ts';
export { startNatsServer, type NatsServerOptions } from './nats-server.ts';
export { findFreePort } from './ports.ts';
export { startPostgres, type PostgresOptions } from './postgres.ts';
export { type PostgresSettings } from './postgres-settings.ts';
