import { MAIL_LIMITS } from './returned-mail.ts';

const ADDRESS = /[\w.!#$%&*+/=?^{|}~-]{1,64}@[a-z0-9.-]{1,253}/g;
/** In replies of several lines each line begins with the code again, in the middle of a sentence. */
const CONTINUATION = /\b[45]\d\d-(?:[45]\.\d{1,3}\.\d{1,3}\b)?/g;

/**
 * Text as rules want it: lower case, white space single, without addresses (whose names would read as words) and without
 * the marks that quote them.
 */
export function plainText(text: string): string {
  return text
    .slice(0, MAIL_LIMITS.ruledChars)
    .toLowerCase()
    .replaceAll(/[\u2018\u2019\u00b4`]/g, "'")
    .replaceAll(ADDRESS, ' ')
    .replaceAll(CONTINUATION, ' ')
    .replaceAll(/["<>[\]{}*|_]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** One line, at most as long as a diagnostic may be. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, MAIL_LIMITS.diagnosticChars * 4)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.slice(0, MAIL_LIMITS.diagnosticChars);
}
