// How well `libs/bounces` tells what mails that came back say, on mails that you bring along. After `npm run build`:
//
//   node scripts/bench/bounces.mjs --mails DIR --labels FILE [--misses]
//
// DIR has one mail a file, as it came (RFC 5322). FILE is JSON, by the file's name:
//
//   { "one.eml": { "kind": "bounce", "recipients": [{ "hard": true, "reason": "userUnknown" }] },
//     "two.eml": { "kind": "autoReply", "recipients": [] } }
//
// `kind` is that of the report, and may be left out with recipients there: then it is not counted. Recipients are in the
// mail's order; those that it says were reached are left out. `hard` tells whether the address is to be used no more,
// `reason` (may be left out) is one of FAILURE_REASONS. A recipient that the library does not find counts as "not hard",
// one too many counts only if it is "hard", and then as wrong. Nothing is written and nothing is sent.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import PostalMime, { decodeWords } from 'postal-mime';
import { classifyReturnedMail } from '../../dist/libs/bounces/src/index.js';

/** A mail as the library wants it, from its bytes. */
async function readMail(bytes) {
  const mail = await PostalMime.parse(bytes, { forceRfc822Attachments: true, attachmentEncoding: 'utf8' });
  const headers = mail.headers.map(({ key, value }) => ({ name: key, value: decodeWords(value) }));
  const texts = [
    { mediaType: 'text/plain', text: mail.text ?? '' },
    { mediaType: 'text/html', text: mail.html ?? '' },
  ].filter(({ text }) => text !== '');
  const attached = mail.attachments.map(({ mimeType, content }) => ({ mediaType: mimeType, text: String(content) }));
  const envelopeFrom = headers.find(({ name }) => name === 'return-path')?.value.replace(/^<|>$/g, '') ?? '';
  return { headers, text: mail.text ?? '', parts: [...texts, ...attached], envelopeFrom };
}

class Counts {
  mails = 0;
  kinds = { right: 0, of: 0 };
  reasons = { right: 0, of: 0 };
  /** By label, then by answer. */
  hard = { hard: { hard: 0, not: 0 }, not: { hard: 0, not: 0 } };
  extraHard = 0;
  misses = [];

  add(name, label, report) {
    this.mails += 1;
    if (label.kind !== undefined) this.#kind(name, label.kind, report.kind);
    label.recipients.forEach((expected, index) =>
      this.#recipient(`${name}[${index}]`, expected, report.recipients[index]),
    );
    for (const extra of report.recipients.slice(label.recipients.length).filter((one) => one.class === 'hard')) {
      this.extraHard += 1;
      this.misses.push(`${name}: one too many, ${told(extra)}`);
    }
  }

  #kind(name, expected, kind) {
    this.kinds.of += 1;
    if (kind === expected) this.kinds.right += 1;
    else this.misses.push(`${name}: kind ${kind}, not ${expected}`);
  }

  #recipient(place, expected, found) {
    const label = expected.hard ? 'hard' : 'not';
    const answer = found?.class === 'hard' ? 'hard' : 'not';
    this.hard[label][answer] += 1;
    if (label !== answer)
      this.misses.push(`${place}: ${answer}, label ${label} ${expected.reason ?? ''}, ${told(found)}`);
    if (expected.reason === undefined) return;
    this.reasons.of += 1;
    if (found?.reason === expected.reason) this.reasons.right += 1;
    else if (label === answer) this.misses.push(`${place}: reason, label ${expected.reason}, ${told(found)}`);
  }

  print() {
    const { hard, not } = this.hard;
    const right = hard.hard + not.not;
    const of = right + hard.not + not.hard + this.extraHard;
    const line = (text) => process.stdout.write(`${text}\n`);
    line(`mails                        ${this.mails}`);
    line(`                             answer hard   answer not hard`);
    line(`label hard                   ${String(hard.hard).padStart(11)}   ${String(hard.not).padStart(15)}`);
    line(`label not hard               ${String(not.hard).padStart(11)}   ${String(not.not).padStart(15)}`);
    line(`hard ones too many           ${String(this.extraHard).padStart(11)}`);
    line(`hard or not, right           ${share(right, of)}`);
    line(`kind, right                  ${share(this.kinds.right, this.kinds.of)}`);
    line(`reason, right                ${share(this.reasons.right, this.reasons.of)}`);
  }
}

function told(found) {
  if (!found) return 'nothing found';
  return `answer ${found.class} ${found.reason} by ${found.rule}: ${found.diagnostic.slice(0, 160)}`;
}

function share(right, of) {
  return of === 0 ? 'none labelled' : `${right} of ${of} (${((100 * right) / of).toFixed(1)} %)`;
}

const { values } = parseArgs({
  options: { mails: { type: 'string' }, labels: { type: 'string' }, misses: { type: 'boolean' } },
});
if (!values.mails || !values.labels) {
  process.stderr.write('node scripts/bench/bounces.mjs --mails DIR --labels FILE [--misses]\n');
  process.exit(2);
}
const labels = JSON.parse(readFileSync(values.labels, 'utf8'));
const counts = new Counts();
for (const name of readdirSync(values.mails).sort()) {
  const label = labels[name];
  if (label) counts.add(name, label, classifyReturnedMail(await readMail(readFileSync(join(values.mails, name)))));
}
if (values.misses) process.stdout.write(`${counts.misses.join('\n')}\n\n`);
counts.print();
