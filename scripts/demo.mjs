// `npm run demo`: shows a running Millrace at work. Registers, imports examples/big-orders.json with a sink of its own as
// the place to notify, calls the webhook, and prints what the log holds of the execution.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, dataOf } from '../dist/libs/api-client/src/index.js';
import { bigOrdersPostingTo, createActiveWorkflow, registerAccount } from './account.mjs';

const DEFAULT_URL = 'http://127.0.0.1:3000';
const ENDED = ['succeeded', 'failed', 'cancelled', 'timedOut'];
/** With the pauses below, about half a minute: the example tries five times before it gives up. */
const LOOKS = 80;
const LONGEST_PAUSE_MS = 400;
const ORDER = { orderId: 'o-1', amount: 250, customer: { id: 'c-7', name: 'Ada Example' } };
const COLUMNS = [
  { title: 'version', of: ({ version }) => String(version) },
  { title: 'after', of: ({ at }, startedAt) => `${Date.parse(at) - startedAt} ms` },
  { title: 'event', of: ({ type }) => type },
  { title: 'node', of: ({ data }) => data.nodeId ?? data.trigger?.nodeId ?? '' },
  { title: '', of: ({ data }) => remarkOn(data) },
];

const say = (text = '') => process.stdout.write(`${text}\n`);

/** Ends with the exit code. */
async function demonstrate(baseUrl, sink) {
  const { client, email, accessToken } = await registerAccount(baseUrl);
  say(`Millrace at ${baseUrl}: registered ${email}`);
  const workflow = await createActiveWorkflow(client, await bigOrdersPostingTo(sink.url));
  say(`Imported and activated "${workflow.name}" (${workflow.id}): ${workflow.nodes.map(({ id }) => id).join(' → ')}`);

  const executionId = await callWebhook(workflow.hookUrl);
  const params = { path: { id: executionId } };
  const execution = await followToItsEnd(client, params);
  const { items: events } = await dataOf(client.GET('/v1/executions/{id}/events', { params }));
  say(`\nThe execution ${describeEnd(execution)}. What the log holds of it:\n`);
  say(tableOf(events));
  say(`\nThe sink got ${sink.received.length === 0 ? 'nothing.' : `${sink.received.join('\n         and ')}`}`);
  if (isRefusedAsPrivate(execution)) say(howToAllowPrivateNetworks());
  say(howToLookFurther({ baseUrl, accessToken, workflow, executionId }));
  return execution.status === 'succeeded' || isRefusedAsPrivate(execution) ? 0 : 1;
}

async function callWebhook(hookUrl) {
  const body = JSON.stringify(ORDER);
  say(`\nPOST ${hookUrl}\n  ${body}`);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(hookUrl, { method: 'POST', headers, body });
  const answer = await response.text();
  say(`  → ${response.status} ${answer}`);
  return JSON.parse(answer).executionId;
}

/** The execution when it has ended; as it is when that takes too long. */
async function followToItsEnd(client, params) {
  let execution;
  for (let look = 1; look <= LOOKS; look += 1) {
    execution = await dataOf(client.GET('/v1/executions/{id}', { params }));
    if (ENDED.includes(execution.status)) return execution;
    await delay(Math.min(10 * look, LONGEST_PAUSE_MS));
  }
  return execution;
}

function describeEnd({ status, durationMs, error, waitingOn }) {
  if (!ENDED.includes(status)) return `is still ${status}, waiting on ${JSON.stringify(waitingOn)}`;
  const why = error ? ` at "${error.nodeId}" with ${error.code}: ${error.message}` : '';
  return `${status} after ${durationMs} ms${why}`;
}

function tableOf(events) {
  const startedAt = Date.parse(events[0]?.at);
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...events.map((event) => COLUMNS.map(({ of }) => of(event, startedAt))),
  ];
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  return rows.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index])).join('  ')}`.trimEnd()).join('\n');
}

function remarkOn({ error, leavesBy, executor, output, input }) {
  if (error) return error.code;
  if (executor) return `for an executor of "${executor}"`;
  const way = leavesBy && String(leavesBy) !== 'main' ? `leaves by ${leavesBy}` : '';
  const body = input?.body ?? (way ? undefined : output);
  return way || (body === undefined ? '' : shorten(JSON.stringify(body)));
}

function shorten(text) {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function isRefusedAsPrivate({ error }) {
  return error?.code === 'NETWORK_NOT_ALLOWED';
}

function howToAllowPrivateNetworks() {
  return `
The last node may not reach the sink: it listens on this machine's loopback, and a server refuses private networks unless
told otherwise, so that workflows can't reach what is behind your firewall. To see the call arrive, start the server with

  MILLRACE_ALLOW_PRIVATE_NETWORK=true npm start`;
}

function howToLookFurther({ baseUrl, accessToken, workflow, executionId }) {
  const read = (path) => `curl -s -H "authorization: Bearer $TOKEN" '${baseUrl}/v1/${path}'`;
  return `
To look further (the token is good for some minutes):

  TOKEN=${accessToken}
  ${read(`executions/${executionId}`)}
  ${read(`executions/${executionId}/events`)}
  ${read(`workflows/${workflow.id}`)}

An order that is not big takes the other way:

  curl -s -H 'content-type: application/json' -d '{"orderId":"o-2","amount":50}' ${workflow.hookUrl}
  ${read('executions?limit=1')}`;
}

/** Keeps what is posted to it, and answers 200. */
function startSink() {
  const received = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.once('end', () => {
      received.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString('utf8')}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}/big`, received, close }),
    );
  });
}

/** In words for the one at the terminal; a stack only for what nobody foresaw. */
function explain(error, baseUrl) {
  if (error instanceof ApiError) return error.message;
  if (!(error instanceof TypeError && error.cause) && error.name !== 'TimeoutError') return error.stack;
  return `No Millrace answers at ${baseUrl} (${error.cause?.code ?? error.message}).

Start one in another terminal, and try again:

  MILLRACE_ALLOW_PRIVATE_NETWORK=true npm start

Where it listens elsewhere: npm run demo -- http://host:port, or set MILLRACE_URL.`;
}

const baseUrl = (process.argv[2] ?? process.env.MILLRACE_URL ?? DEFAULT_URL).replace(/\/+$/, '');
const sink = await startSink();
try {
  process.exitCode = await demonstrate(baseUrl, sink);
} catch (error) {
  process.stderr.write(`${explain(error, baseUrl)}\n`);
  process.exitCode = 1;
} finally {
  sink.close();
}
