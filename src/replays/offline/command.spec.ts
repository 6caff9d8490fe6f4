import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypes, Simulation, success } from '#libs/execution-engine/testing';
import { erasedEvent } from '#libs/history-digest';
import { bundleText } from '#libs/replay-bundle';
import { contentHashOf, parseDefinition, planWorkflow } from '#libs/workflow-definition';
import { runReplay } from './command.ts';

const DEFINITION = {
  name: 'Big \u001b[31morders',
  nodes: [
    { id: 'start', type: 'trigger.manual', config: {} },
    { id: 'big', type: 'if', config: { condition: '{{ trigger.body.amount > 100 }}' } },
    { id: 'notify', type: 'http.request', config: { method: 'POST', url: 'https://example.com/big' } },
  ],
  connections: [
    { from: 'start', to: 'big' },
    { from: 'big', output: 'true', to: 'notify' },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The bundle of an execution that sends one big order. */
async function bundle(kept: (event: ExecutionEvent) => ExecutionEvent = (event) => event): Promise<string> {
  const parsed = parseDefinition(DEFINITION, nodeTypes);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
  const { definition } = parsed;
  const simulation = new Simulation(planWorkflow({ workflowId: 'wf_1', version: 1, definition, nodeTypes }));
  const trigger = { type: 'trigger.manual', nodeId: 'start' };
  const input = { value: { body: { amount: 250 } } };
  const of = { workspaceId: 'ws_1', workflowId: 'wf_1', workflowVersion: 1 };
  simulation.submit({ type: 'StartExecution', ...of, trigger, input, priority: 'normal' });
  simulation.submit(begin);
  simulation.submit(success('notify', { status: 200 }));
  async function* commits(): AsyncGenerator<StoredCommit<ExecutionEvent>> {
    let firstVersion = 1;
    for (const { at, events: recorded } of simulation.commits) {
      const events = recorded.map(kept);
      yield { id: String(firstVersion), aggregateId: 'ex_1', sequence: firstVersion, firstVersion, at, events };
      firstVersion += events.length;
    }
  }
  const contentHash = contentHashOf(definition, (text) => hash('sha256', text));
  const workflow = { id: 'wf_1', name: definition.name, version: 1, contentHash, definition };
  const valueAt = () => Promise.reject(new Error('nothing is stored elsewhere'));
  let text = '';
  const sources = { executionId: 'ex_1', workspaceId: 'ws_1', workflow, commits: commits(), valueAt };
  for await (const part of bundleText(sources)) text += part;
  return text;
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runReplay(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

describe('npm run replay', () => {
  it('prints what happened, and that it is the same', async () => {
    const { code, out, err } = await run(await file('same.json', await bundle()));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n');
    expect(lines[0]).toBe('ex_1 of "Big ?[31morders" (wf_1, version 1)');
    expect(lines[1]).toMatch(/^5 events in 3 commits; all hashes fit; history [\w-]{43}$/);
    expect(lines.slice(3, 8)).toEqual([
      '2026-11-23T10:00:00.000Z     +0 ms  1  ExecutionStarted                start {"body":{"amount":250}}',
      '2026-11-23T10:00:01.000Z  +1000 ms  2  NodeSucceeded       big     #1  by true: as start',
      '2026-11-23T10:00:01.000Z  +1000 ms  3  NodeScheduled       notify  #1  http',
      '2026-11-23T10:00:02.000Z  +2000 ms  4  NodeSucceeded       notify  #1  {"status":200}',
      '2026-11-23T10:00:02.000Z  +2000 ms  5  ExecutionSucceeded              at notify',
    ]);
    expect(lines.at(-2)).toBe('the same with the definition that it ran with');
  });

  it('prints what another definition makes of it', async () => {
    const text = JSON.stringify(DEFINITION).replace('/big"', '/huge"');
    const definition = await file('huge.json', text);
    const path = await file('different.json', await bundle());
    const { code, out } = await run(path, '--definition', definition);
    expect(code).toBe(1);
    expect(out).toContain(`1 difference with ${definition}:\n  notify: input at url\n    before {`);
    const told = await run(path, '--definition', definition, '--json');
    expect(JSON.parse(told.out)).toMatchObject({
      ...{ executionId: 'ex_1', definition, same: false, isCut: false },
      differences: [{ nodeId: 'notify', kind: 'input', at: 'url' }],
      timeline: [{ version: 1 }, { version: 2 }, { version: 3 }, { version: 4 }, { version: 5 }],
    });
  });

  it('finds what was changed', async () => {
    const path = await file('changed.json', (await bundle()).replace('"amount":250', '"amount":251'));
    expect(await run(path)).toEqual({
      code: 2,
      out: '',
      err: `Could not replay: ${path} was changed: event 1 (ExecutionStarted) does not fit its hash\n`,
    });
  });

  it('verifies and tells what was erased, and replays nothing of it', async () => {
    const whole = await run(await file('before.json', await bundle()));
    const { code, out, err } = await run(await file('erased.json', await bundle(erasedEvent)));
    expect({ code, err }).toEqual({ code: 2, err: '' });
    // The second line ends in the digest, which erasing does not change.
    expect(out.split('\n')[1]).toBe(whole.out.split('\n')[1]);
    expect(out).toContain('ExecutionStarted                start (erased, 23 bytes)\n');
    expect(out).toContain('\nits data was erased, so it can not be replayed\n');
    expect(JSON.parse((await run(join(folder, 'erased.json'), '--json')).out)).toMatchObject({ erased: true });
  });

  it('says what it can not read', async () => {
    const path = await file('whole.json', await bundle());
    const broken = await file('broken.json', '{');
    expect(await run(broken)).toMatchObject({ code: 2, err: 'Could not replay: it is not JSON\n' });
    expect(await run(path, '--definition', broken)).toMatchObject({
      code: 2,
      err: expect.stringContaining('broken.json is not JSON') as string,
    });
    const none = await file('none.json', '{"name":"x","nodes":[{"id":"a","type":"nothing"}]}');
    expect((await run(path, '--definition', none)).err).toMatch(/none.json is no workflow:\n {2}nodes\[0\].type /);
    expect((await run(join(folder, 'missing.json'))).err).toMatch(/ENOENT/);
    for (const args of [[], [path, path], ['--all']]) expect((await run(...args)).err).toMatch(/npm run replay -- /);
    expect(await run('--help')).toMatchObject({ code: 0, err: '' });
  });
});
