import { setTimeout as delay } from 'node:timers/promises';

const RECOVERS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

/**
 * How long after `endedAt` a call was accepted, its execution had succeeded, a list showed an execution that was started
 * since, and the sink had all orders that were accepted before; in ms, undefined when it took too long.
 */
export async function watchRecovery({ sender, client, signal }, endedAt) {
  const endedAtWall = Date.now() - (performance.now() - endedAt);
  const until = async (look) => {
    for (const deadline = endedAt + RECOVERS_WITHIN_MS; performance.now() < deadline;) {
      const found = await look();
      if (found) return found;
      await delay(LOOK_EVERY_MS, undefined, { signal });
    }
    return undefined;
  };
  const tookUntil = async (look) => ((await until(look)) ? performance.now() - endedAt : undefined);

  const firstAccepted = until(async () => sender.firstAcceptedAfter(endedAt));
  const [first, finished, listed, drained] = await Promise.all([
    firstAccepted,
    firstAccepted.then((one) => one && tookUntil(() => hasSucceeded(client, one.executionId))),
    tookUntil(() => isListed(client, endedAtWall)),
    tookUntil(async () => sender.owedSince(endedAt) === 0),
  ]);
  return { accepted: first && first.at - endedAt, finished, listed, drained };
}

async function hasSucceeded(client, id) {
  const found = await read(client.GET('/v1/executions/{id}', { params: { path: { id } }, signal: soon() }));
  return found?.status === 'succeeded';
}

async function isListed(client, since) {
  const page = await read(client.GET('/v1/executions', { params: { query: { limit: 1 } }, signal: soon() }));
  return page?.items.some(({ createdAt }) => Date.parse(createdAt) >= since);
}

/** A part that was just frozen may take the request and never answer. */
function soon() {
  return AbortSignal.timeout(2_000);
}

async function read(asked) {
  try {
    return (await asked).data;
  } catch {
    return undefined;
  }
}
