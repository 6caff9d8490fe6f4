import { z } from 'zod';

/** What is read of the parser's tree, for which it publishes no type. */
const nodeSchema = z.object({
  contentType: z.object({
    parsed: z.object({ value: z.string(), params: z.record(z.string(), z.string()) }),
    multipart: z.union([z.string(), z.literal(false)]),
  }),
  content: z.custom<ArrayBuffer | null>((value) => value === null || isArrayBuffer(value)),
  childNodes: z.array(z.unknown()),
});

export type MimeNode = z.infer<typeof nodeSchema>;

export function parseNode(node: unknown): MimeNode {
  return nodeSchema.parse(node);
}

/** A node and all below it, in the order of the message. */
export function* walk(node: unknown): Generator<MimeNode> {
  const parsed = parseNode(node);
  yield parsed;
  for (const child of parsed.childNodes) yield* walk(child);
}

/** Not `instanceof`: each realm has a class of its own. */
function isArrayBuffer(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
