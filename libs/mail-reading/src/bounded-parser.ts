import PostalMime, { type Email } from 'postal-mime';
import { z } from 'zod';
import { isBrokenBase64, isBrokenQuotedPrintable } from './transfer-encoding.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { Warnings } from './warnings.ts';

export interface ParsedMail {
  readonly email: Email;
  /** Of the parser's tree, see mime-node.ts. */
  readonly root: unknown;
}

/** Rejects only by a fault of the parser: what goes beyond a limit is left out. */
export async function parseBounded(raw: Uint8Array, warnings: Warnings): Promise<ParsedMail> {
  const parser = new BoundedParser(warnings);
  const email = await parser.parse(raw);
  return { email, root: Reflect.get(parser, 'root') };
}

/** What is asked of the part that a line goes to. */
const currentSchema = z.object({
  state: z.string(),
  contentTransferEncoding: z.object({ encoding: z.string() }),
});
type Current = z.infer<typeof currentSchema>;

/** The parser's own object, whose state changes: what zod gives is a copy. */
function isCurrent(node: unknown): node is Current {
  return currentSchema.safeParse(node).success;
}

/**
 * Stops at a limit where postal-mime would give nothing (depth, headers) or go on without end (parts), so that what came
 * before is read. It overrides the step that postal-mime 4 takes for each line, which is part of the pinned version but
 * not of its types; the specs of the limits fail should another version do without.
 */
class BoundedParser extends PostalMime {
  #isFull = false;
  #parts = 0;
  #current: Current | undefined;
  readonly #warnings: Warnings;

  constructor(warnings: Warnings) {
    super({
      // Attached messages are attachments, whose headers are read by themselves: no parser inside a parser.
      forceRfc822Attachments: true,
      maxNestingDepth: MAIL_LIMITS.depth,
      maxHeadersSize: MAIL_LIMITS.headerBytes,
    });
    this.#warnings = warnings;
  }

  async processLine(line: Uint8Array, isFinal: boolean): Promise<void> {
    if (!this.#isFull) await this.#take(line, isFinal);
    if (this.#isFull && isFinal) await callParser(this, 'finalize');
  }

  async #take(line: Uint8Array, isFinal: boolean): Promise<void> {
    const node = this.#current;
    const wasBody = node?.state === 'body';
    try {
      await callParser(this, 'processLine', line, isFinal);
    } catch (error) {
      this.#stop(error instanceof Error ? error.message : 'the structure could not be read');
    }
    const now: unknown = Reflect.get(this, 'currentNode');
    if (now !== node) this.#enter(now);
    else if (wasBody) this.#look(line, node.contentTransferEncoding.encoding);
  }

  #enter(node: unknown): void {
    if (!isCurrent(node)) throw new Error('the parser of mail has no current part');
    this.#current = node;
    // Otherwise it is a multipart that is gone back to.
    const isNew = node.state === 'header';
    if (isNew && ++this.#parts > MAIL_LIMITS.parts) this.#stop(`more than ${MAIL_LIMITS.parts} parts`);
  }

  #look(line: Uint8Array, encoding: string): void {
    if (encoding === 'base64' && isBrokenBase64(line)) this.#warnings.add('a part holds what is not base64');
    if (encoding === 'quoted-printable' && isBrokenQuotedPrintable(line)) {
      this.#warnings.add('a part holds what is not quoted-printable');
    }
  }

  #stop(reason: string): void {
    this.#isFull = true;
    this.#warnings.add(`${reason}: what follows is left out`);
  }
}

async function callParser(parser: PostalMime, name: string, ...args: unknown[]): Promise<void> {
  const method: unknown = Reflect.get(PostalMime.prototype, name);
  if (typeof method !== 'function') throw new Error(`the parser of mail has no ${name}`);
  await Reflect.apply(method, parser, args);
}
