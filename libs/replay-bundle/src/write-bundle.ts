import type { StoredCommit } from '#libs/event-sourcing';
import { mapPayloads, payloadsOf, type ExecutionEvent, type PayloadReference } from '#libs/execution-engine';
import { digestsAfterEach, EMPTY_HISTORY } from '#libs/history-digest';
import type { JsonValue } from '#libs/kernel';
import { BUNDLE_FORMAT, BUNDLE_FORMAT_VERSION, type BundledWorkflow } from './bundle.ts';

export interface BundleSources {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly workflow: BundledWorkflow;
  readonly commits: AsyncIterable<StoredCommit<ExecutionEvent>>;
  readonly valueAt: (reference: PayloadReference) => Promise<JsonValue>;
}

/**
 * The bundle as text, commit by commit: of a history of any length one commit is held, and a digest of each event. The same
 * history gives the same text.
 */
export async function* bundleText(sources: BundleSources): AsyncGenerator<string> {
  const { executionId, workspaceId, workflow, valueAt } = sources;
  const { id, name, version, contentHash, definition } = workflow;
  const head = {
    ...{ format: BUNDLE_FORMAT, formatVersion: BUNDLE_FORMAT_VERSION, executionId, workspaceId },
    workflow: { id, name, version, contentHash, definition },
  };
  yield `${JSON.stringify(head).slice(0, -1)},\n"commits":[`;
  const digests: string[] = [];
  for await (const commit of sources.commits) {
    const separator = digests.length === 0 ? '\n' : ',\n';
    digests.push(...digestsAfterEach(digests.at(-1) ?? EMPTY_HISTORY, commit));
    yield separator + JSON.stringify(await bundled(commit, valueAt));
  }
  const history = digests.at(-1) ?? EMPTY_HISTORY;
  yield `\n],\n"digests":${JSON.stringify({ history, events: digests })}}\n`;
}

async function bundled(
  { firstVersion, at, actor, events }: StoredCommit<ExecutionEvent>,
  valueAt: BundleSources['valueAt'],
): Promise<object> {
  const values = new Map<string, JsonValue>();
  for (const payload of events.flatMap(payloadsOf))
    if ('stored' in payload) values.set(payload.stored.object, await valueAt(payload.stored));
  const whole = events.map((event) =>
    mapPayloads(event, (payload) =>
      'stored' in payload ? { value: values.get(payload.stored.object) ?? null } : payload,
    ),
  );
  return { firstVersion, at, ...(actor ? { actor } : {}), events: whole };
}
