import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createMillraceClient, dataOf } from '../dist/libs/api-client/src/index.js';

/** A new account, logged in, in a workspace of its own. */
export async function registerAccount(baseUrl) {
  const body = {
    email: `try-${randomBytes(6).toString('hex')}@example.com`,
    password: randomBytes(18).toString('base64'),
    name: 'Ada Example',
  };
  const session = await dataOf(createMillraceClient({ baseUrl }).POST('/v1/auth/register', { body }));
  const { accessToken, workspace } = session;
  return { email: body.email, workspace, accessToken, client: createMillraceClient({ baseUrl, token: accessToken }) };
}

/** Imports a workflow, activates it, and gives it with the URL of its webhook when it has one. */
export async function createActiveWorkflow(client, definition) {
  const workflow = await dataOf(client.POST('/v1/workflows/import', { body: definition }));
  const params = { path: { id: workflow.id } };
  await dataOf(client.POST('/v1/workflows/{id}/activate', { params }));
  const { items } = await dataOf(client.GET('/v1/workflows/{id}/webhooks', { params }));
  return { ...workflow, hookUrl: items[0]?.url };
}

/**
 * `examples/big-orders.json`, with the action posting to another place.
 * @param {string} notifyUrl
 */
export async function bigOrdersPostingTo(notifyUrl) {
  const definition = JSON.parse(await readFile(new URL('../examples/big-orders.json', import.meta.url), 'utf8'));
  const nodes = definition.nodes.map((node) =>
    node.id === 'notify' ? { ...node, config: { ...node.config, url: notifyUrl } } : node,
  );
  return { ...definition, nodes };
}
