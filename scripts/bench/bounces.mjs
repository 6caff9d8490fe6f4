// How well `libs/bounces` tells what mails that came back say, on mails that you bring along. After `npm run build`:
//
//   node scripts/bench/bounces.mjs --mails DIR --labels FILE [--verbose]
//
// DIR has one mail a file, as it came (RFC 5322). FILE is JSON, an entry for each of them that counts:
//
//   [{ "file": "one.eml", "kind": "bounce", "recipients": [{ "hard": true, "reason": "userUnknown" }] },
//    { "file": "two.eml", "kind": "autoReply", "recipients": [] }]
//
// `kind` is that of the report. Recipients are in the mail's order, without those that it says were reached. `hard` tells
// whether the address is to be used no more, `reason` is one of FAILURE_REASONS, `address` is whom it was sent to. What
// is left out does not count. A recipient that is not found counts as "not hard", one too many counts only if it is
// "hard", and then as wrong. The baseline calls hard what has a 5 in its first `Status:`, else in its first reply code.
// Nothing is written or sent.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { classifyReturnedMail } from '#libs/bounces';
import { readMail } from '#libs/mail-reading';

const FIRST_STATUS = /^status: *([245])\./im;
const FIRST_REPLY = /\b([45])\d\d[ -]/;
const KINDS = ['hard', 'soft', 'policy', 'mailboxFull', 'delayed', 'complaint', 'none'];

class Counts {
  mails = 0;
  kinds = { right: 0, of: 0 };
  reasons = { right: 0, of: 0 };
  addresses = { right: 0, of: 0 };
  baseline = { right: 0, of: 0 };
  /** By label, then by the kind that was answered. */
  answers = { hard: {}, 'not hard': {} };
  extraHard = 0;
  misses = [];

  add(label, report, raw) {
    this.mails += 1;
    if (label.kind !== undefined) this.#kind(label, report);
    const isPermanent = (FIRST_STATUS.exec(raw) ?? FIRST_REPLY.exec(raw))?.[1] === '5';
    label.recipients.forEach((expected, index) => {
      const place = `${label.file}[${index}]`;
      const found = report.recipients[index];
      if (expected.hard !== undefined) this.#hard(place, expected, found);
      for (const [counts, key] of [
        [this.reasons, 'reason'],
        [this.addresses, 'address'],
      ]) {
        if (expected[key] !== undefined) this.#detail(place, counts, { key, label: expected[key], found });
      }
      if (expected.hard !== undefined) count(this.baseline, isPermanent === expected.hard);
    });
    const extra = report.recipients.slice(label.recipients.length);
    for (const one of extra.filter(({ kind }) => kind === 'hard')) {
      this.extraHard += 1;
      this.misses.push(`${label.file}: one too many, ${told(one)}`);
    }
  }

  #kind({ file, kind }, report) {
    if (count(this.kinds, kind === report.kind)) return;
    this.misses.push(`${file}: ${report.kind}, label ${kind}; ${told(report.recipients[0])}`);
  }

  #hard(place, expected, found) {
    const label = expected.hard ? 'hard' : 'not hard';
    const answer = found?.kind ?? 'none';
    this.answers[label][answer] = (this.answers[label][answer] ?? 0) + 1;
    if ((answer === 'hard') === expected.hard) return;
    this.misses.push(`${place}: label ${label} ${expected.reason ?? ''}, ${told(found)}`);
  }

  #detail(place, counts, { key, label, found }) {
    if (count(counts, same(found?.[key], label))) return;
    this.misses.push(`${place}: ${key} ${found?.[key]}, label ${label}; ${told(found)}`);
  }

  print() {
    const cell = (label, kind) => this.answers[label][kind] ?? 0;
    const sum = (label, isCounted) => KINDS.filter(isCounted).reduce((total, kind) => total + cell(label, kind), 0);
    const right = cell('hard', 'hard') + sum('not hard', (kind) => kind !== 'hard');
    const of = sum('hard', () => true) + sum('not hard', () => true) + this.extraHard;
    const row = (name, cells) => line(name.padEnd(20) + cells.map((cell) => String(cell).padStart(12)).join(''));
    row('answer', KINDS);
    for (const label of Object.keys(this.answers))
      row(
        `label ${label}`,
        KINDS.map((kind) => cell(label, kind)),
      );
    row('hard ones too many', [this.extraHard]);
    line('');
    line(`mails                ${this.mails}`);
    line(`hard or not, right   ${share(right, of)}`);
    line(`the same, baseline   ${share(this.baseline.right, this.baseline.of)}`);
    line(`kind, right          ${share(this.kinds.right, this.kinds.of)}`);
    line(`reason, right        ${share(this.reasons.right, this.reasons.of)}`);
    line(`address, right       ${share(this.addresses.right, this.addresses.of)}`);
  }
}

function count(counts, isRight) {
  counts.of += 1;
  if (isRight) counts.right += 1;
  return isRight;
}

function same(answer, label) {
  return answer?.toLowerCase() === label.toLowerCase();
}

function line(text) {
  process.stdout.write(`${text}\n`);
}

function told(found) {
  if (!found) return 'nothing found';
  return `answer ${found.kind} ${found.reason} by ${found.rule}: ${(found.diagnostic ?? '').slice(0, 160)}`;
}

function share(right, of) {
  return of === 0 ? 'none labelled' : `${right} of ${of} (${((100 * right) / of).toFixed(1)} %)`;
}

const { values } = parseArgs({
  options: { mails: { type: 'string' }, labels: { type: 'string' }, verbose: { type: 'boolean' } },
});
if (!values.mails || !values.labels) {
  process.stderr.write('node scripts/bench/bounces.mjs --mails DIR --labels FILE [--verbose]\n');
  process.exit(2);
}
const counts = new Counts();
for (const label of JSON.parse(readFileSync(values.labels, 'utf8'))) {
  const raw = readFileSync(join(values.mails, label.file));
  counts.add(label, classifyReturnedMail(await readMail(raw)), raw.toString('latin1'));
}
if (values.verbose) line(`${counts.misses.join('\n')}\n`);
counts.print();
