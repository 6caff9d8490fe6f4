import { htmlToText } from 'html-to-text';
import type { Email } from 'postal-mime';
import { decode } from './charset.ts';
import { MAIL_LIMITS } from './limits.ts';
import { parseNode } from './mime-node.ts';
import { plainText } from './plain-text.ts';
import type { Warnings } from './warnings.ts';

const { textBytes } = MAIL_LIMITS;

export interface BodyText {
  readonly text: string;
  readonly html: string | null;
}

export function bodyTextOf(email: Email, root: unknown, warnings: Warnings): BodyText {
  const html = email.html === undefined ? null : plainText(email.html, textBytes, 'the HTML', warnings);
  return { text: plainText(textOf(email, html, root, warnings), textBytes, 'the text', warnings), html };
}

function textOf(email: Email, html: string | null, root: unknown, warnings: Warnings): string {
  if (email.text !== undefined) return email.text;
  return html === null ? unreadMultipart(root) : textOfHtml(html, warnings);
}

/** A multipart whose delimiters are missing is what nobody would see otherwise. */
function unreadMultipart(root: unknown): string {
  const { contentType, content, childNodes } = parseNode(root);
  const isUnread = contentType.multipart !== false && childNodes.length === 0 && content !== null;
  return isUnread ? decode(content, undefined) : '';
}

function textOfHtml(html: string, warnings: Warnings): string {
  try {
    return htmlToText(html.slice(0, HTML_TO_TEXT.units), HTML_TO_TEXT.options);
  } catch {
    // HTML that nests a hundred thousand deep is more than the stack holds.
    warnings.add('no text could be made from the HTML');
    return '';
  }
}

const HTML_TO_TEXT = {
  /** Of UTF-16: what people write is shorter, and the time that it takes grows with it. */
  units: 256 * 1024,
  options: {
    wordwrap: false as const,
    limits: { maxDepth: 100, maxChildNodes: 10_000, ellipsis: '…' },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ],
  },
};
