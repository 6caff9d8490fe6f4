import { pino, stdSerializers, type DestinationStream } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../../config/config.ts';
import { describeError } from './describe-error.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** What the process says about itself. Errors go under the field `error`. A child carries its fields on every line. */
export abstract class Logger {
  abstract child(fields: LogFields): Logger;
  abstract debug(fields: LogFields, message: string): void;
  abstract info(fields: LogFields, message: string): void;
  abstract warn(fields: LogFields, message: string): void;
  abstract error(fields: LogFields, message: string): void;
  abstract fatal(fields: LogFields, message: string): void;
}

const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'secretKey',
  'token',
  'accessToken',
  'refreshToken',
  'credentials',
];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** For people, with colours; JSON lines otherwise. */
  readonly pretty: boolean;
  /** Default: stdout. */
  readonly destination?: DestinationStream;
}

export function createLogger({ level, pretty: forPeople, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      serializers: { error: (error: unknown) => describeError(error), err: stdSerializers.err },
    },
    // Synchronous on purpose: the last line before a crash is the one that is needed.
    destination ??
      (forPeople ? pretty({ sync: true, ignore: 'pid,hostname' }) : pino.destination({ dest: 1, sync: true })),
  );
}
