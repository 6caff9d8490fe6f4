import type { ConfigProblem } from './config-error.ts';
import { EXAMPLES, type VariableName } from './variables.ts';

/** What is wrong between variables; looks at what was given, so that it is told beside what is wrong within one. */
export function crossProblems(given: NodeJS.ProcessEnv): ConfigProblem[] {
  const external = ['NATS_URL', 'DATABASE_URL'].filter((name) => given[name] !== undefined);
  const problems: ConfigProblem[] = [];
  const add = (name: VariableName, message: string): void => {
    problems.push({ name, message, example: EXAMPLES[name] });
  };
  if (external.length > 0 && given['MILLRACE_SECRET_KEY'] === undefined)
    add('MILLRACE_SECRET_KEY', `must be set together with ${external.join(' and ')}: all processes share it`);
  if (given['NATS_URL'] === undefined && given['NATS_CREDS'] !== undefined)
    add('NATS_URL', 'must be set when NATS_CREDS is: the embedded server asks for no credentials');
  if (given['NATS_URL'] === undefined && ['3', '5'].includes(given['NATS_REPLICAS'] ?? ''))
    add('NATS_URL', 'must name a cluster when NATS_REPLICAS is above 1: the embedded server is a single one');
  return problems;
}
