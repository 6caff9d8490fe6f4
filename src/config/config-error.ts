export interface ConfigProblem {
  /** The variable. */
  readonly name: string;
  readonly message: string;
  readonly example: string;
  /** What was given; absent for variables that may hold a secret. */
  readonly value?: string;
}

/** Stops the start. Its message is meant for the person at the terminal and lists every wrong variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(['The environment is not usable:', ...problems.map(lineOf)].join('\n'));
  }
}

function lineOf({ name, message, example, value }: ConfigProblem): string {
  const given = value === undefined ? '' : ` (given: ${JSON.stringify(value)})`;
  return `  ${name}: ${message}${given}; for example ${name}=${example}`;
}
