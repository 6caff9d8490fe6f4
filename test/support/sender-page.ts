import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { endWithUs } from '#libs/embedded-servers';

const CURL = resolve(import.meta.dirname, 'curl.mjs');

/** A page of docs/webhooks, as a reader follows it. */
export class SenderPage {
  readonly text: string;

  constructor(name: string) {
    this.text = readFileSync(`docs/webhooks/${name}.md`, 'utf8');
  }

  /** What stands in fences with these words behind them. */
  blocks(info: string): readonly string[] {
    const fenced = new RegExp(`^\`\`\`${info}\\n([^]*?)^\`\`\`$`, 'gm');
    return [...this.text.matchAll(fenced)].map(([, block = '']) => block);
  }
}

/** Runs a block as a shell does that has been given these variables; `curl` is ours, for a fresh machine may have none. */
export async function runInShell(block: string, env: Readonly<Record<string, string>>): Promise<string> {
  const script = `set -e\ncurl() { node '${CURL}' "$@"; }\n${block}`;
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
  const child = spawn('sh', ['-c', script], { env: { ...env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.once('exit', endWithUs(child.pid ?? 0, 'SIGKILL'));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`a block of a page ended with ${child.exitCode}: ${err}`);
  return out;
}
