import { z } from 'zod';
import type { AuditItem } from '#libs/read-models';

const instant = z.iso.datetime();
const summary = z.record(z.string(), z.unknown()).nullable();

export const auditItemView = z
  .object({
    id: z.string(),
    index: z.int().min(0).meta({ description: 'Place in the log, from 0; proofs are asked for by it.' }),
    kind: z.enum(['change', 'read', 'noted', 'anchored']).meta({
      description:
        '`change`: written before it was done, so that none is hidden by a crash. `read`: an auditor was shown payloads. ' +
        '`noted`: written when it was done, as a login is. `anchored`: histories of executions at their ends.',
    }),
    at: instant,
    actor: z
      .object({
        type: z.enum(['user', 'apiKey']),
        id: z.string(),
        name: z.string().nullable().meta({ description: 'As it is now; null when there is none any more.' }),
      })
      .nullable()
      .meta({ description: 'Null for the installation itself.' }),
    role: z.string().nullable().meta({ description: 'That the actor had then.' }),
    address: z.string().nullable().meta({ description: 'Where the call came from.' }),
    action: z.string(),
    target: z.string().nullable().meta({ description: 'Id or name of what it was done to.' }),
    requestId: z.string().nullable(),
    outcome: z
      .object({
        status: z.int().meta({ description: 'Of the answer.' }),
        code: z.string().nullable().meta({ description: 'Of a refusal.' }),
        at: instant,
      })
      .nullable()
      .meta({
        description:
          'Null while a change is under way, and for ever when its process died: then nobody knows how it went.',
      }),
    before: summary.meta({ description: 'A few fields of what was there; never payloads or secrets.' }),
    after: summary,
  })
  .meta({
    id: 'AuditItem',
    description: 'What somebody did.',
    examples: [
      {
        id: 'au_12',
        index: 12,
        kind: 'change',
        at: '2026-11-28T10:00:00.000Z',
        actor: { type: 'user', id: 'usr_01jd8z6q5t', name: 'Ada' },
        role: 'owner',
        address: '192.0.2.7',
        action: 'workflow.activate',
        target: 'wf_01jd9w1c2d',
        requestId: '9yq2x0aB-1f',
        outcome: { status: 200, code: null, at: '2026-11-28T10:00:00.012Z' },
        before: { name: 'Big orders', version: 2, active: 1 },
        after: { name: 'Big orders', version: 2, active: 2 },
      },
    ],
  });
export type AuditItemView = z.output<typeof auditItemView>;

export const auditLines = z.string().meta({
  description: 'An `AuditItem` as JSON in each line, all that match.',
  examples: [
    '{"id":"au_12","index":12,"kind":"change","at":"2026-11-28T10:00:00.000Z","action":"workflow.activate"}\n',
  ],
});
export const auditTable = z.string().meta({ description: 'One item a row (RFC 4180), all that match.' });

const KINDS = { begun: 'change', read: 'read', noted: 'noted', anchored: 'anchored' } as const;

export function auditItemViewOf({ entry, end }: AuditItem, names: ReadonlyMap<string, string>): AuditItemView {
  const { index, at, kind, action } = entry;
  const call = entry.kind === 'anchored' ? NO_CALL : callOf(entry, names);
  return {
    id: `au_${index}`,
    index,
    kind: KINDS[kind],
    at,
    action,
    ...call,
    ...(end ? endOf(end, call.target) : NO_END),
  };
}

type End = Pick<AuditItemView, 'target' | 'outcome' | 'before' | 'after'>;
const NO_END: Omit<End, 'target'> = { outcome: null, before: null, after: null };

function endOf({ target, status, code, at, before, after }: NonNullable<AuditItem['end']>, begun: string | null): End {
  const outcome = { status, code: code ?? null, at };
  return { target: target ?? begun, outcome, before: before ?? null, after: after ?? null };
}

type Call = Pick<AuditItemView, 'actor' | 'role' | 'address' | 'target' | 'requestId'>;
const NO_CALL: Call = { actor: null, role: null, address: null, target: null, requestId: null };

function callOf(
  { actor, role, address, target, requestId }: Exclude<AuditItem['entry'], { kind: 'anchored' }>,
  names: ReadonlyMap<string, string>,
): Call {
  const named = actor && { type: actor.type, id: actor.id, name: names.get(actor.id) ?? null };
  return { actor: named, role: role ?? null, address, target, requestId };
}
