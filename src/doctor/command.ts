import { EmbeddedServerError } from '#libs/embedded-servers';
import { MillraceError } from '#libs/kernel';
import { ConfigError, parseConfig } from '../config/config.ts';
import { isAway } from '../platform/away.ts';
import { examine } from './doctor.ts';
import { HELP, parseOptions, type DoctorOptions } from './options.ts';
import { jsonOf, textOf, type Report } from './report.ts';

export const EXIT = { healthy: 0, stuck: 1, couldNotLook: 2 } as const;

export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const TELL_EVERY_MS = 1_000;

/** `npm run doctor`: gives the exit code. */
export async function runDoctor(args: readonly string[], { env, out, err }: Terminal): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) {
      out(HELP);
      return EXIT.healthy;
    }
    const report = await reportOn(options, env, err);
    out(options.json ? `${jsonOf(report)}\n` : textOf(report));
    return report.stuckCount === 0 ? EXIT.healthy : EXIT.stuck;
  } catch (error) {
    err(`Could not look: ${explain(error)}\n`);
    return EXIT.couldNotLook;
  }
}

function reportOn({ workspaceId }: DoctorOptions, env: NodeJS.ProcessEnv, err: Terminal['err']): Promise<Report> {
  let toldMs = performance.now();
  const onProgress = (done: number, total: number): void => {
    if (performance.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = performance.now();
    // More may have been started since they were counted.
    err(`${done} of ${Math.max(done, total)} executions\n`);
  };
  const config = parseConfig(env);
  return examine({ config, onProgress, ...(workspaceId === undefined ? {} : { workspaceId }) });
}

/** Errors that say by themselves what to do are told as they are; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isTold = error instanceof ConfigError || error instanceof EmbeddedServerError || error instanceof MillraceError;
  if (isTold) return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
  return isAway(error)
    ? `NATS answered: ${error.message}; try again when Millrace is up`
    : (error.stack ?? error.message);
}
