import type { ToHtmlResult } from 'mrml';
import type { Misplaced } from './check-nesting.ts';

type Failed = Extract<ToHtmlResult, { type: 'error' }>;
type Details = Extract<Failed, { origin: 'parser' }>['details'];

const MESSAGES: Readonly<Record<Details['type'], string>> = {
  'unexpected-element': 'MJML does not take this element here',
  'unexpected-token': 'MJML does not take this here',
  'missing-attribute': 'an attribute is missing here',
  'invalid-attribute': 'an attribute is not valid here',
  'invalid-format': 'a value is not valid here',
  'end-of-stream': 'an element is not closed',
  'size-limit': 'it is too large for MJML',
  'parser-error': 'this is not well-formed',
  'no-root-node': 'it has no <mjml>',
  'include-loader-error': 'there are no other files',
};

/** Where and why the compiler gave up, as a place in the text that it was given. */
export function misplacedOf(failed: Failed, text: string): Misplaced {
  if (failed.origin === 'render') return { offset: 0, message: `MJML could not be compiled: ${failed.message}` };
  const { details } = failed;
  const message = MESSAGES[details.type];
  if ('position' in details)
    return { offset: charsOf(text, details.position.start), message: withName(details, message) };
  if (details.type === 'parser-error') return notWellFormed(details.source, text, message);
  return { offset: details.type === 'end-of-stream' ? text.length : 0, message };
}

function withName(details: Details, message: string): string {
  return details.type === 'missing-attribute' ? `the attribute ${details.name} is missing here` : message;
}

/** The compiler counts bytes. */
function charsOf(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length;
}

/** The reader of XML beneath it has lines and columns, and only in words. */
function notWellFormed(source: string, text: string, message: string): Misplaced {
  const [, line = '1', column = '1'] = /\bat (\d+):(\d+)/.exec(source) ?? [];
  const lines = text.split('\n').slice(0, Number(line) - 1);
  const offset = lines.reduce((sum, one) => sum + one.length + 1, 0) + Number(column) - 1;
  const why = source.replace(/ at \d+:\d+/g, '').slice(0, 200);
  return { offset: Math.min(offset, text.length), message: `${message}: ${why}` };
}
