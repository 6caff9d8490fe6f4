import type { components } from './schema.ts';

/** An error as the server answers it (RFC 9457). */
export type Problem = components['schemas']['Problem'];

/** A call that was refused. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Stable, e.g. `INVALID_WORKFLOW`; undefined when the answer did not come from Millrace. */
  readonly code: string | undefined;

  constructor(
    response: Response,
    readonly problem: Problem | undefined,
  ) {
    const what = problem ? `${problem.code}: ${problem.detail}` : response.statusText;
    super(`${new URL(response.url).pathname} was answered ${response.status} ${what}`);
    this.status = response.status;
    this.code = problem?.code;
  }
}
