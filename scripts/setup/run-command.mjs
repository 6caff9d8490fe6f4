import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const TAIL_LINES = 40;

/**
 * Runs a command with the project's own programs first on PATH; what it says is shown only when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function runCommand(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${resolve('node_modules/.bin')}:${process.env.PATH}`,
        npm_config_loglevel: 'error', // on Node 20, npm warns a hundred times of engines it is not going to run on
      },
    });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', failed);
    child.once('close', (code, signal) => {
      if (code === 0) return done();
      const lines = Buffer.concat(output).toString('utf8').trimEnd().split('\n').slice(-TAIL_LINES);
      failed(new Error(`\`${command} ${args.join(' ')}\` ended with ${signal ?? code}:\n${lines.join('\n')}`));
    });
  });
}
