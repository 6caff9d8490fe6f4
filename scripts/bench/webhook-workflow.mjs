import { setTimeout as delay } from 'node:timers/promises';
import { bigOrdersPostingTo, createActiveWorkflow, registerAccount } from '../account.mjs';

const ANSWERS_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** The example in a fresh workspace, posting to our sink, and answering at its URL. */
export async function prepareBigOrders({ app, load }) {
  const { client } = await registerAccount(app.url);
  const { hookUrl } = await createActiveWorkflow(client, await bigOrdersPostingTo(load.sinkUrl));
  await waitUntilItAnswers(hookUrl);
  return { hookUrl, client };
}

/** Routes reach the API's memory a moment after the activation; an order of 1 is not big and posts nothing. */
export async function waitUntilItAnswers(hookUrl, expected = 202) {
  const startedAt = performance.now();
  let status;
  do {
    const response = await fetch(hookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ orderId: 'small', amount: 1 }),
    });
    await response.arrayBuffer();
    if (response.status === expected) return;
    status = response.status;
    await delay(LOOK_EVERY_MS);
  } while (performance.now() - startedAt < ANSWERS_WITHIN_MS);
  throw new Error(`the webhook still answers ${status}, ${ANSWERS_WITHIN_MS / 1000} s after its activation`);
}

/** The same, without an execution: one that is there says no to another method. */
export async function waitUntilItIsThere(hookUrl) {
  for (const startedAt = performance.now(); performance.now() - startedAt < ANSWERS_WITHIN_MS;) {
    const { status, body } = await fetch(hookUrl);
    await body?.cancel();
    if (status === 405) return;
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`the webhook is not there ${ANSWERS_WITHIN_MS / 1000} s after its activation`);
}
