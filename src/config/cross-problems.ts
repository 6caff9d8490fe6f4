import type { ConfigProblem } from './config-error.ts';
import { EXAMPLES, type VariableName } from './variables.ts';

interface Finding {
  readonly name: VariableName;
  readonly message: string;
}

/** What is wrong between variables; looks at what was given, so that it is told beside what is wrong within one. */
export function crossProblems(given: NodeJS.ProcessEnv): ConfigProblem[] {
  return [...keyFindings(given), ...natsFindings(given), ...mailFindings(given)].map((finding) => ({
    ...finding,
    example: EXAMPLES[finding.name],
  }));
}

function keyFindings(given: NodeJS.ProcessEnv): Finding[] {
  const name = 'MILLRACE_SECRET_KEY';
  if (given[name] !== undefined) return [];
  const external = ['NATS_URL', 'DATABASE_URL'].filter((variable) => given[variable] !== undefined);
  if (external.length > 0)
    return [{ name, message: `must be set together with ${external.join(' and ')}: all processes share it` }];
  if (given['MILLRACE_SECRET_KEY_PREVIOUS'] === undefined) return [];
  const message =
    'must be set when MILLRACE_SECRET_KEY_PREVIOUS is; older keys of a generated one are further lines of secret.key';
  return [{ name, message }];
}

function mailFindings(given: NodeJS.ProcessEnv): Finding[] {
  const domain = 'MILLRACE_MAIL_DOMAIN';
  const [cert, key] = ['MILLRACE_MAIL_TLS_CERT', 'MILLRACE_MAIL_TLS_KEY'] as const;
  const others = (['MILLRACE_MAIL_HOST', 'MILLRACE_MAIL_PORT', 'MILLRACE_MAIL_RELAYS', cert, key] as const).filter(
    (name) => name in given,
  );
  const findings: Finding[] = [];
  if (given[domain] === undefined && others.length > 0)
    findings.push({
      name: domain,
      message: `must be set when ${others.join(' and ')} is: nobody listens for mail without`,
    });
  if ((given[cert] === undefined) !== (given[key] === undefined))
    findings.push(given[cert] === undefined ? missingBeside(cert, key) : missingBeside(key, cert));
  return findings;
}

function missingBeside(name: VariableName, other: VariableName): Finding {
  return { name, message: `must be set when ${other} is: STARTTLS needs both` };
}

function natsFindings(given: NodeJS.ProcessEnv): Finding[] {
  const name = 'NATS_URL';
  if (given[name] !== undefined) return [];
  const findings: Finding[] = [];
  if (given['NATS_CREDS'] !== undefined)
    findings.push({ name, message: 'must be set when NATS_CREDS is: the embedded server asks for no credentials' });
  if (['3', '5'].includes(given['NATS_REPLICAS'] ?? ''))
    findings.push({
      name,
      message: 'must name a cluster when NATS_REPLICAS is above 1: the embedded server is a single one',
    });
  return findings;
}
