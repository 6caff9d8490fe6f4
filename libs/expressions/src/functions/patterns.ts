import { MatcherInput, RE2JS } from 're2js';
import { Fault, LimitFault } from '../fault.ts';
import { EXPRESSION_LIMITS } from '../limits.ts';
import type { Run } from '../run.ts';

const UNICODE_CLASS = /\\[pP]/g;
/** Compiling costs up to a millisecond. */
const COMPILE_STEPS = 20_000;
const FIND_STEPS = 20;
const INSTRUCTIONS_PER_STEP_LOG2 = 2;

/** Throws a Fault for a pattern that is no RE2 or that is too large. */
export function compilePattern(pattern: string): RE2JS {
  const { maxPatternLength, maxPatternClasses, maxPatternSize } = EXPRESSION_LIMITS;
  if (pattern.length > maxPatternLength)
    throw new LimitFault(`a pattern is longer than ${maxPatternLength} characters`);
  if ((pattern.match(UNICODE_CLASS)?.length ?? 0) > maxPatternClasses) {
    throw new LimitFault(`a pattern has more than ${maxPatternClasses} Unicode classes`);
  }
  const compiled = tryCompile(pattern);
  if (compiled === undefined)
    throw new Fault('the pattern is no RE2 pattern', 'RE2 has no lookahead, lookbehind or \\1');
  if (compiled.programSize() > maxPatternSize) throw new LimitFault('a pattern repeats too much');
  return compiled;
}

function tryCompile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

/** A computed pattern is compiled once a run, and always paid for, so that what a run costs depends on nothing before it. */
export function patternOf(run: Run, pattern: string): RE2JS {
  return run.remember(pattern, () => {
    run.spend(COMPILE_STEPS);
    return compilePattern(pattern);
  });
}

export interface Match {
  readonly start: number;
  readonly end: number;
  /** By number; the first is the whole match. Undefined for a group that took no part. */
  group(number: number): string | undefined;
}

/** The matches of a pattern in a text, one after the other, each paid for as it is searched. */
export function* findMatches(run: Run, pattern: RE2JS, text: string): Generator<Match, void> {
  run.spendText(text.length);
  const matcher = pattern.matcher(
    MatcherInput.utf16(new MeteredText(text, run, 1 + (pattern.programSize() >> INSTRUCTIONS_PER_STEP_LOG2))),
  );
  for (;;) {
    run.spend(FIND_STEPS);
    if (!matcher.find()) return;
    yield {
      start: matcher.start(),
      end: matcher.end(),
      group: (number) => (number > matcher.groupCount() ? undefined : (matcher.group(number) ?? undefined)),
    };
  }
}

/**
 * A text that charges for each character read. One search takes linear time, but searching on after each match can read the
 * rest of the text again and again: only counting what the engine reads bounds that, and stops it in the middle.
 */
class MeteredText extends String {
  readonly #run: Run;
  readonly #stepsPerRead: number;

  constructor(text: string, run: Run, stepsPerRead: number) {
    super(text);
    this.#run = run;
    this.#stepsPerRead = stepsPerRead;
  }

  override charCodeAt(index: number): number {
    this.#run.spend(this.#stepsPerRead);
    return super.charCodeAt(index);
  }

  override indexOf(part: string, position?: number): number {
    this.#run.spendText(this.length);
    return super.indexOf(part, position);
  }
}
