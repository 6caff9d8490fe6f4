import type { RE2JS } from 're2js';
import { Fault } from '../fault.ts';
import { EXPRESSION_LIMITS } from '../limits.ts';
import type { Run } from '../run.ts';
import type { Value } from '../value.ts';
import { compilePattern, findMatches, patternOf, type Match } from './patterns.ts';
import { overload, type FunctionTable, type Literals, type Overload, type PrepareBudget } from './registry.ts';

const MATCHES: readonly Overload[] = [
  overload(
    ['string', 'string'],
    (run, text, pattern) => matches(run, text, patternOf(run, pattern)),
    (literals, budget) => {
      const pattern = literalPattern(literals, budget);
      return pattern === undefined ? undefined : (run, text) => matches(run, text, pattern);
    },
  ),
];

const FIND: readonly Overload[] = [
  overload(
    ['string', 'string'],
    (run, text, pattern) => find(run, text, patternOf(run, pattern)),
    (literals, budget) => {
      const pattern = literalPattern(literals, budget);
      return pattern === undefined ? undefined : (run, text) => find(run, text, pattern);
    },
  ),
];

const REPLACE: readonly Overload[] = [
  overload(
    ['string', 'string', 'string'],
    (run, text, pattern, by) => replace(run, text, patternOf(run, pattern), by),
    (literals, budget) => {
      const pattern = literalPattern(literals, budget);
      return pattern === undefined ? undefined : (run, text, _pattern, by) => replace(run, text, pattern, by);
    },
  ),
];

export const REGEX_FUNCTIONS: FunctionTable = {
  matches: MATCHES,
  're.match': MATCHES,
  're.find': FIND,
  're.replace': REPLACE,
};
/** CEL's own, which in the parser's library is a backtracking RegExp. */
export const REGEX_METHODS: FunctionTable = { matches: MATCHES };

function literalPattern([, pattern]: Literals, budget: PrepareBudget): RE2JS | undefined {
  if (typeof pattern !== 'string') return undefined;
  budget.takePattern();
  return compilePattern(pattern);
}

function first(run: Run, text: string, pattern: RE2JS): Match | undefined {
  for (const match of findMatches(run, pattern, text)) return match;
  return undefined;
}

function matches(run: Run, text: string, pattern: RE2JS): boolean {
  return first(run, text, pattern) !== undefined;
}

/** The first match, or of it the first group where the pattern has one; null without a match. */
function find(run: Run, text: string, pattern: RE2JS): Value {
  const match = first(run, text, pattern);
  return match?.group(pattern.groupCount() > 0 ? 1 : 0) ?? null;
}

const GROUP = /\$(\$|\d)/g;

/** Every match; in `by`, `$1` is the first group, `$0` the match and `$$` a dollar sign. */

function replace(run: Run, text: string, pattern: RE2JS, by: string): string {
  checkGroups(by, pattern);
  const pieces: string[] = [];
  let length = 0;
  let from = 0;
  const add = (piece: string) => {
    length += piece.length;
    if (length > EXPRESSION_LIMITS.maxTextLength) run.spendText(length);
    pieces.push(piece);
  };
  for (const match of findMatches(run, pattern, text)) {
    run.spendText(by.length);
    add(text.slice(from, match.start));
    add(by.replace(GROUP, (_all, name: string) => (name === '$' ? '$' : (match.group(Number(name)) ?? ''))));
    from = match.end;
  }
  add(text.slice(from));
  run.spendText(length);
  return pieces.join('');
}

function checkGroups(by: string, pattern: RE2JS): void {
  for (const [, name] of by.matchAll(GROUP)) {
    if (name === '$' || Number(name) <= pattern.groupCount()) continue;
    throw new Fault(
      're.replace() names a group that the pattern does not have',
      '$1 is the first ( ) of the pattern, $$ a dollar sign',
    );
  }
}
