import { CONVERSION_METHODS, CONVERSIONS } from './conversions.ts';
import { ENCODINGS } from './encoding.ts';
import { LIST_METHODS } from './lists.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { REGEX_FUNCTIONS, REGEX_METHODS } from './regex.ts';
import type { FunctionTable, Overload } from './registry.ts';
import { STRING_METHODS } from './strings.ts';
import { TIME_FUNCTIONS, TIME_METHODS } from './times.ts';

/** What stands after a dot: `text.trim()`. */
export const METHODS = tableOf(STRING_METHODS, LIST_METHODS, TIME_METHODS, REGEX_METHODS, CONVERSION_METHODS);
/** What is called by its name alone, or by a namespace and a name: `size(x)`, `math.round(x)`. */
export const FUNCTIONS = tableOf(CONVERSIONS, MATH_FUNCTIONS, TIME_FUNCTIONS, ENCODINGS, REGEX_FUNCTIONS);

/** A map and not an object: `constructor` is no function of ours. */
function tableOf(...tables: readonly FunctionTable[]): ReadonlyMap<string, readonly Overload[]> {
  return new Map(tables.flatMap((table) => Object.entries(table)));
}
