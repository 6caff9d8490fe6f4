import { MillraceError } from '#libs/kernel';
import { isConsistent, isIncluded } from '#libs/merkle-tree';
import { z } from 'zod';
import { checkpointSchema, type Checkpoint } from './checkpoint.ts';
import { consistencySchema, exportHeaderSchema, inclusionSchema, type Consistency } from './formats.ts';
import { fromHex, hashOfEntry, treeHasher } from './hashing.ts';
import { auditKeySchema } from './keys.ts';
import { problemOfCheckpoint, type Signed, type Verdict, type VerifyProblem } from './verdict.ts';
import { readEntry, tryParseObject, walkEntries, type OtherEvidence } from './verify-entries.ts';

/** A file of ours, line by line; read anew each time that it is opened. */
export type OpenLines = () => AsyncIterable<string>;

export interface VerifyOptions {
  /** Fingerprints; a signature of any other key counts for nothing. */
  readonly trusted?: ReadonlySet<string> | undefined;
  /** An export, proof or checkpoint of the same log, of another time. */
  readonly other?: OpenLines | undefined;
}

/**
 * Whether an export or proof is what was signed. Throws `NOT_AUDIT_FILE` for what is neither, and `OTHER_FILE_WRONG` when
 * what it is to be held against does not stand by itself.
 */
export async function verifyAudit(open: OpenLines, { trusted, other }: VerifyOptions = {}): Promise<Verdict> {
  const lines = open()[Symbol.asyncIterator]();
  try {
    const head = headOf(await lines.next());
    const { checkpoint, workspaceId } = head.signed;
    const unsigned = problemOfCheckpoint(head.signed, trusted);
    const evidence = other && (await evidenceOf(other, { trusted, workspaceId }));
    const { entries, problem } = unsigned ? { entries: 0, problem: unsigned } : await checked(head, lines, evidence);
    const isKeyPinned = trusted !== undefined && !unsigned;
    return { format: head.format, workspaceId, checkpoint, isKeyPinned, entries, problem: problem ?? null };
  } finally {
    await lines.return?.();
  }
}

interface Head {
  readonly format: string;
  readonly signed: Signed;
  readonly proof?: VerifyProof;
}
type VerifyProof = (evidence: OtherEvidence | undefined) => VerifyProblem | undefined;

/** The three formats. Anything else is not ours. */
function headOf(line: IteratorResult<string, unknown>): Head {
  const first = line.done ? undefined : tryParseObject(line.value);
  const header = exportHeaderSchema.safeParse(first);
  if (header.success) return { format: header.data.format, signed: header.data };
  const consistency = consistencySchema.safeParse(first);
  if (consistency.success) {
    const { data } = consistency;
    return { format: data.format, signed: data, proof: (evidence) => problemOfConsistency(data, evidence) };
  }
  const inclusion = inclusionSchema.safeParse(first);
  if (!inclusion.success)
    throw new MillraceError('refused', 'NOT_AUDIT_FILE', 'this is no export or proof of GET /v1/audit/proof');
  const { format, entry, path, checkpoint } = inclusion.data;
  const claim = { leaf: hashOfEntry(entry), index: entry.index, size: checkpoint.size, root: fromHex(checkpoint.root) };
  const isProved = isIncluded(treeHasher, { ...claim, path: path.map(fromHex) });
  return { format, signed: inclusion.data, proof: () => (isProved ? undefined : notProved(entry.index)) };
}

async function checked(head: Head, lines: AsyncIterator<string>, evidence: OtherEvidence | undefined) {
  if (head.proof) return { entries: 1, problem: head.proof(evidence) };
  const cut = evidence && problemBetween(head.signed.checkpoint, evidence.checkpoint);
  return cut ? { entries: 0, problem: cut } : walkEntries(lines, head.signed.checkpoint, evidence);
}

function notProved(index: number): VerifyProblem {
  const message = `the path does not lead from entry ${index} to the root that was signed`;
  return { code: 'PROOF_WRONG', index, message };
}

function problemOfConsistency(
  { checkpoint, from, fromRoot, path }: Consistency,
  evidence: OtherEvidence | undefined,
): VerifyProblem | undefined {
  const roots = { firstRoot: fromHex(fromRoot), secondRoot: fromHex(checkpoint.root) };
  const isProved = isConsistent(treeHasher, {
    first: from,
    second: checkpoint.size,
    ...roots,
    path: path.map(fromHex),
  });
  const problem = (code: VerifyProblem['code'], message: string) => ({ code, index: null, message });
  if (!isProved) return problem('PROOF_WRONG', `the path does not prove that the log began with those ${from} entries`);
  if (!evidence || (evidence.checkpoint.size === from && evidence.checkpoint.root === fromRoot)) return undefined;
  return problem(
    'HISTORY_REWRITTEN',
    `the proof begins with other entries than those signed at ${evidence.checkpoint.at}`,
  );
}

function problemBetween({ size }: Checkpoint, other: Checkpoint): VerifyProblem | undefined {
  if (other.size <= size) return undefined;
  const message = `at ${other.at} there were ${other.size} entries: ${size} to ${other.size - 1} are missing at the end`;
  return { code: 'TAIL_CUT', index: size, message };
}

const signedSchema = z.object({
  workspaceId: z.string(),
  keys: z.array(auditKeySchema),
  checkpoint: checkpointSchema,
});

async function evidenceOf(
  open: OpenLines,
  { trusted, workspaceId }: { trusted: ReadonlySet<string> | undefined; workspaceId: string },
): Promise<OtherEvidence> {
  const wrong = (why: string) => new MillraceError('refused', 'OTHER_FILE_WRONG', `the file to compare with: ${why}`);
  const lines = open()[Symbol.asyncIterator]();
  const line = await lines.next();
  const first = line.done ? undefined : tryParseObject(line.value);
  const parsed = signedSchema.safeParse(first);
  if (!parsed.success) throw wrong('is no export or proof of GET /v1/audit/proof');
  const { data } = parsed;
  const problem = problemOfCheckpoint(data, trusted);
  if (problem) throw wrong(problem.message);
  if (data.workspaceId !== workspaceId) throw wrong(`is of the workspace ${data.workspaceId}`);
  if (!exportHeaderSchema.safeParse(first).success) return { checkpoint: data.checkpoint };
  const { problem: inEntries } = await verifyAudit(open, { trusted });
  if (inEntries) throw wrong(inEntries.message);
  return { checkpoint: data.checkpoint, hashes: hashesOf(lines) };
}

async function* hashesOf(lines: AsyncIterator<string>): AsyncGenerator<string> {
  for (let entry = await readEntry(lines); entry; entry = await readEntry(lines)) yield entry.hash;
}
