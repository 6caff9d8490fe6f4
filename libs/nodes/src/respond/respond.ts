import { defineNodeType, NodeError } from '#libs/node-kit';
import { checkRespond, nameProblems, respondConfigSchema, type RespondConfig } from './config.ts';

export const respondNode = defineNodeType<RespondConfig>({
  type: 'respond',
  kind: 'action',
  title: 'Respond',
  description: 'Says what the caller is answered; its body becomes the output of the execution.',
  runs: 'decision',
  configSchema: respondConfigSchema,
  outputsOf: () => ['main'],
  check: checkRespond,
  compute: ({ config: { status, headers, body } }) => ({
    output: { status, headers: headersOf(headers), body },
    leavesBy: ['main'],
  }),
});

/** As they are sent: names in lower case, values as text. */
function headersOf(headers: RespondConfig['headers']): Readonly<Record<string, string>> {
  const problems = nameProblems(Object.keys(headers)).map(({ path, message }) => ({ path, message }));
  if (problems.length > 0) {
    const told = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new NodeError('INVALID_CONFIG', `the evaluated config does not fit: ${told}`, {
      retryable: false,
      details: { problems },
    });
  }
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name.toLowerCase(), String(value)]])),
  );
}
