import type { JsonValue } from '#libs/kernel';
import { parseDocument } from 'yaml';
import { OPENAPI_LIMITS } from '../limits.ts';
import { invalid, Refused, tooLarge } from './refused.ts';

export interface ParsedText {
  readonly format: 'json' | 'yaml';
  readonly value: JsonValue;
}

/** JSON when it begins as an object of JSON does, else YAML. Throws Refused. */
export function parseText(text: string): ParsedText {
  const { documentBytes, yamlBytes } = OPENAPI_LIMITS;
  if (Buffer.byteLength(text) > documentBytes) throw tooLarge('document', `is larger than ${documentBytes} bytes`);
  if (/^\uFEFF?\s*\{/.test(text)) return { format: 'json', value: checked(parseJson(text)) };
  if (Buffer.byteLength(text) > yamlBytes) {
    throw tooLarge('document', `is YAML of more than ${yamlBytes} bytes; send it as JSON`);
  }
  // What an alias stands for is copied, and its size counted before.
  return { format: 'yaml', value: JSON.parse(JSON.stringify(checked(parseYaml(text)))) as JsonValue };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalid('document', `is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

function parseYaml(text: string): unknown {
  const parsed = parseDocument(text, { logLevel: 'silent', prettyErrors: true, version: '1.2' });
  const problems = parsed.errors.slice(0, OPENAPI_LIMITS.problems).map(({ message, linePos }) => ({
    path: 'document',
    message: `${linePos ? `line ${linePos[0].line}: ` : ''}is not YAML: ${(message.split(' at line ', 1)[0] ?? '').trim()}`,
  }));
  if (problems.length > 0) throw new Refused('OPENAPI_DOCUMENT_INVALID', problems);
  try {
    return parsed.toJS({ maxAliasCount: 1_000 });
  } catch (error) {
    throw invalid('document', `is not YAML: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Level by level, since the input is hostile: what goes in a circle ends as too deep. */
function checked(value: unknown): JsonValue {
  const { depth: deepest, values: most, documentBytes } = OPENAPI_LIMITS;
  let level: unknown[] = [value];
  let values = 0;
  let characters = 0;
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > deepest) throw tooLarge('document', `is nested deeper than ${deepest} levels`);
    if (values > most) throw tooLarge('document', `has more than ${most} values`);
    for (const one of level) characters += lengthOf(one);
    if (characters > documentBytes) throw tooLarge('document', 'becomes too large with its aliases');
    level = nextLevel(level, most);
  }
  return value as JsonValue;
}

function nextLevel(level: readonly unknown[], most: number): unknown[] {
  const next: unknown[] = [];
  for (const one of level) {
    if (typeof one !== 'object' || one === null) continue;
    for (const child of Object.values(one)) next.push(child);
    if (next.length > most) break;
  }
  return next;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return ofText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0;
  return Object.keys(value).reduce((sum, name) => sum + ofText(name), 0);
}

/** No database keeps these. */
function ofText(text: string): number {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw invalid('document', 'has a text with a character that cannot be kept: NUL, or half of a pair');
  }
  return text.length;
}
