import { Ajv } from 'ajv';
import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import { useOwnKeywords } from './ajv-keywords.ts';
import type { Draft } from './draft.ts';
import { knownFormats } from './formats.ts';
import { createPattern } from './patterns.ts';
import type { StepBudget } from './step-budget.ts';

/** Compiles schemas as we write them; see write-schema.ts. */
export function createAjv(
  steps: StepBudget,
  { allErrors, tracksUnevaluated }: { readonly allErrors: boolean; readonly tracksUnevaluated: boolean },
): Ajv2020 {
  const ajv = new Ajv2020({ ...optionsFor(steps), allErrors, meta: false });
  // The constructor sets both; without them the code is smaller, and does not fail where a choice looked at nothing.
  ajv.opts.unevaluated = tracksUnevaluated;
  ajv.opts.dynamicRef = false;
  useOwnKeywords(ajv, steps);
  return ajv;
}

/** Knows the meta-schema of the draft. */
export function createMetaAjv(steps: StepBudget, draft: Draft): Ajv | Ajv2020 {
  const ajv = draft === '7' ? new Ajv(optionsFor(steps)) : new Ajv2020(optionsFor(steps));
  useOwnKeywords(ajv, steps);
  return ajv;
}

/** It changes nothing, fetches nothing, logs nothing, and its patterns are RE2's. */
function optionsFor(steps: StepBudget): Options {
  return {
    strict: false,
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    // A definition is compiled once, however often it is used: inlining would multiply the code.
    inlineRefs: false,
    ownProperties: true,
    // Amounts such as 19.99 are a multiple of 0.01, whatever their binary fractions are.
    multipleOfPrecision: 9,
    formats: knownFormats(),
    code: {
      optimize: false,
      regExp: Object.assign(
        (source: string) => ({ ...createPattern(source, steps), toString: () => source }),
        // Names the engine in standalone code, which we make none of.
        { code: 're2' },
      ),
    },
  };
}
