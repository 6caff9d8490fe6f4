import { compile } from 'html-to-text';
import { formatTable } from './text-table.ts';

/** Of UTF-16, and of `<`. Texts that people read are shorter, and the time that it takes grows faster than they do. */
const LONGEST_HTML = 512 * 1024;
const MOST_TAGS = 20_000;

/**
 * The text part of a mail that has HTML alone: links with their addresses, tables in columns, no pictures. Tables that are
 * there for the layout say so (`role="presentation"`, as MJML writes them). What is longer than may be is cut off.
 */
export function textOfHtml(html: string): string {
  return convert(html.slice(0, endOf(html)));
}

function endOf(html: string): number {
  let at = -1;
  for (let tags = 0; tags <= MOST_TAGS; tags++) {
    at = html.indexOf('<', at + 1);
    if (at < 0) return LONGEST_HTML;
  }
  return Math.min(at, LONGEST_HTML);
}

const convert = compile({
  wordwrap: false,
  limits: { maxDepth: 200, maxChildNodes: 10_000, ellipsis: '…' },
  formatters: { columns: formatTable },
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false, noAnchorUrl: true } },
    { selector: 'table', format: 'columns', options: { maxColumnWidth: 60 } },
    { selector: 'table[role="presentation"]', format: 'block' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    // What a preview shows before the mail is opened.
    { selector: '[style*="display:none"]', format: 'skip' },
    { selector: '[style*="display: none"]', format: 'skip' },
  ],
});
