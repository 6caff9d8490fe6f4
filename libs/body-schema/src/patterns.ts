import { RE2JS } from 're2js';
import { BODY_SCHEMA_LIMITS } from './limits.ts';
import type { StepBudget } from './step-budget.ts';

const UNICODE_CLASS = /\\[pP]/g;
/** A search takes up to the text's length times the instructions, of which the engine does several a step. */
const INSTRUCTIONS_PER_STEP_LOG2 = 2;

export interface Pattern {
  /** Whether it matches anywhere in the text; takes linear time. */
  test(text: string): boolean;
}

/** Why a pattern is refused, or undefined. */
export function patternProblem(source: string): string | undefined {
  const { maxPatternLength, maxPatternClasses, maxPatternSize } = BODY_SCHEMA_LIMITS;
  if (source.length > maxPatternLength) return `a pattern has at most ${maxPatternLength} characters`;
  if ((source.match(UNICODE_CLASS)?.length ?? 0) > maxPatternClasses) {
    return `a pattern has at most ${maxPatternClasses} Unicode classes`;
  }
  const compiled = tryCompile(source);
  if (!compiled) return 'must be an RE2 pattern: without lookahead, lookbehind and \\1';
  return compiled.programSize() > maxPatternSize ? 'the pattern repeats too much' : undefined;
}

/** For a pattern without a problem. */
export function createPattern(source: string, steps: StepBudget): Pattern {
  const compiled = compile(source);
  const stepsPerUnit = 1 + (compiled.programSize() >> INSTRUCTIONS_PER_STEP_LOG2);
  return {
    test(text) {
      steps.spend(1 + text.length * stepsPerUnit);
      return compiled.test(text);
    },
  };
}

/** Written in JavaScript's dialect, as JSON Schema says: `\u0041` and `(?<name>)` are put in RE2's words. */
function compile(source: string): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(source));
}

function tryCompile(source: string): RE2JS | undefined {
  try {
    return compile(source);
  } catch {
    return undefined;
  }
}
