// `npm run new:connector -- NAME [--title TITLE] [--host HOST]`: a connector that passes every check, to be made one of a
// real service. docs/connectors.md goes on from there.
import { parseArgs } from 'node:util';
import { makeConnector } from './new-connector/make-connector.mjs';
import { Refused } from './new-connector/names.mjs';

const USAGE = 'npm run new:connector -- NAME [--title TITLE] [--host HOST]';

function askedIn(argv) {
  try {
    const options = { title: { type: 'string' }, host: { type: 'string' } };
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    const [name, ...more] = positionals;
    if (more.length > 0) throw new Refused(`one name, and not also "${more.join(' ')}"`);
    return { ...values, name };
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(error.message);
  }
}

try {
  const asked = askedIn(process.argv.slice(2));
  const written = await makeConnector(process.cwd(), asked);
  process.stdout.write(`${written.map((path) => `  ${path}`).join('\n')}\n\n`);
  const tests = `npm run jest -- --selectProjects unit --testPathPatterns libs/connectors/${asked.name}/`;
  process.stdout.write(`Its tests: ${tests}\nWhat to change: docs/connectors.md\n`);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`new:connector: ${error.message}\n${USAGE}\n`);
  process.exitCode = 2;
}
