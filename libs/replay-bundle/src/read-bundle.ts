import { hash } from 'node:crypto';
import { z } from 'zod';
import { digestsAfterEach, EMPTY_HISTORY } from '#libs/history-digest';
import { isJsonObject, MillraceError } from '#libs/kernel';
import { contentHashOf, definitionSchema, type WorkflowDefinition } from '#libs/workflow-definition';
import { BUNDLE_FORMAT, BUNDLE_FORMAT_VERSION, bundleSchema, type ReplayBundle } from './bundle.ts';

/** The bundle in the text, its hashes not verified. Throws MillraceError with what is wrong. */
export function parseBundle(text: string): ReplayBundle {
  const json = parseJson(text);
  if (!isJsonObject(json) || json['format'] !== BUNDLE_FORMAT)
    throw unreadable(`it is no replay bundle: "format" is not "${BUNDLE_FORMAT}"`);
  const { formatVersion } = json;
  if (formatVersion !== BUNDLE_FORMAT_VERSION) {
    const told = JSON.stringify(formatVersion) ?? 'absent';
    throw unreadable(`its formatVersion is ${told}, and this Millrace reads ${BUNDLE_FORMAT_VERSION}`);
  }
  const parsed = bundleSchema.safeParse(json);
  if (!parsed.success) throw unreadable(z.prettifyError(parsed.error));
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is not JSON', cause);
  }
}

function unreadable(message: string, cause?: unknown): MillraceError {
  return new MillraceError('refused', 'BUNDLE_UNREADABLE', message, { cause });
}

/** What the bundle says of itself and does not hold; the first of it, undefined when all of it holds. */
export function firstFlawOf(bundle: ReplayBundle): string | undefined {
  const { workflow, digests } = bundle;
  const { definition } = workflow;
  if (contentHashOf(definition as WorkflowDefinition, sha256) !== workflow.contentHash)
    return `the definition does not fit its hash ${workflow.contentHash}`;
  return flawInHistory(bundle) ?? flawAtTheEnd(bundle, digests);
}

function flawInHistory({ commits, digests }: ReplayBundle): string | undefined {
  let digest = EMPTY_HISTORY;
  let version = 0;
  for (const { actor, ...commit } of commits) {
    if (commit.firstVersion !== version + 1)
      return `event ${version + 1} is missing: after ${version} comes ${commit.firstVersion}`;
    for (const [index, after] of digestsAfterEach(digest, { ...commit, ...(actor ? { actor } : {}) }).entries()) {
      version++;
      if (after !== digests.events[version - 1])
        return `event ${version} (${commit.events[index]?.type}) does not fit its hash`;
      digest = after;
    }
  }
  return undefined;
}

function flawAtTheEnd({ commits }: ReplayBundle, { history, events }: ReplayBundle['digests']): string | undefined {
  const count = commits.reduce((sum, commit) => sum + commit.events.length, 0);
  if (events.length !== count) return `there are hashes of ${events.length} events, and ${count} events`;
  return history === events.at(-1) ? undefined : 'the hash of the history is not that of its last event';
}

/** The definition that the execution ran with. Throws MillraceError when this code does not know its shape. */
export function definitionIn({ workflow }: ReplayBundle): WorkflowDefinition {
  const parsed = definitionSchema.safeParse(workflow.definition);
  if (!parsed.success) throw unreadable(`workflow.definition: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function sha256(text: string): string {
  return hash('sha256', text);
}
