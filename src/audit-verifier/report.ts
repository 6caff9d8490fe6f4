import type { Verdict } from '#libs/audit-log';

export function jsonOf(verdict: Verdict): string {
  const { problem } = verdict;
  return JSON.stringify({ verified: problem === null, ...verdict }, null, 2);
}

/** For people: what was verified, what is wrong, and what a pass does not say. */
export function textOf({ format, workspaceId, checkpoint, isKeyPinned, entries, problem }: Verdict): string {
  const lines = [
    `${format} of ${workspaceId}`,
    `signed ${checkpoint.at} for ${checkpoint.size} entries by the key ${checkpoint.keyId}`,
    ...(isKeyPinned ? [] : ['no --key was given: compare this fingerprint with one that you know from elsewhere']),
    problem ? `NOT VERIFIED: ${problem.message} (${problem.code})` : `verified: ${countOf(entries)}, nothing is wrong`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function countOf(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}
