import { Fault } from '../fault.ts';
import { EXPRESSION_LIMITS } from '../limits.ts';

/**
 * Luxon writes letters that it does not know as they are, and some that it knows by the machine's locale; so only these are
 * accepted, and other text stands in quotes.
 */
const TOKENS: ReadonlySet<string> = new Set(
  (
    'y yy yyyy M MM MMM MMMM d dd ccc cccc EEE EEEE c E o ooo q kkkk W WW ' +
    'H HH h hh m mm s ss S SSS a Z ZZ ZZZ z X x'
  ).split(' '),
);
const PIECE = /'[^']*'|([A-Za-z])\1*|[^A-Za-z']+|'/g;

/** Throws a Fault when the format holds anything that would not mean the same everywhere. */
export function checkDateFormat(format: string): void {
  const { maxDateFormatLength } = EXPRESSION_LIMITS;
  if (format === '' || format.length > maxDateFormatLength) {
    throw new Fault(`a date format has 1 to ${maxDateFormatLength} characters`);
  }
  for (const [piece] of format.matchAll(PIECE)) {
    if (piece === "'") throw new Fault('a quote in the date format is not closed');
    if (/^[A-Za-z]/.test(piece) && !TOKENS.has(piece)) {
      throw new Fault(
        'the date format has unknown letters',
        "it is written as in yyyy-MM-dd HH:mm; plain text in quotes, 'at'",
      );
    }
  }
}
