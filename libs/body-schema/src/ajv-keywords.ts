import type { JsonValue } from '#libs/kernel';
import { canonicalJson } from '#libs/workflow-definition';
import { _, Name, type Ajv2020, type CodeKeywordDefinition, type KeywordCxt } from 'ajv/dist/2020.js';
import { Type } from 'ajv/dist/compile/util.js';
import type { StepBudget } from './step-budget.ts';

/** Put into every schema by us; what people write under this name is left out as any unknown keyword is. */
export const STEPS_KEYWORD = 'steps';

export interface StepsOfSchema {
  readonly steps: number;
  /** Whether a keyword beside it reads all of a text or all names of an object. */
  readonly readsAll: boolean;
}

/** Our keyword, and ours in place of ajv's where those are quadratic or mistake `constructor` for a name they know. */
export function useOwnKeywords(ajv: Pick<Ajv2020, 'removeKeyword' | 'addKeyword'>, steps: StepBudget): void {
  for (const keyword of ['enum', 'uniqueItems', 'unevaluatedProperties']) ajv.removeKeyword(keyword);
  const own = [stepsKeyword(steps), enumKeyword(steps), uniqueItemsKeyword(steps), UNEVALUATED_PROPERTIES];
  for (const keyword of own) ajv.addKeyword(keyword);
}

function stepsKeyword(budget: StepBudget): CodeKeywordDefinition {
  return {
    keyword: STEPS_KEYWORD,
    schemaType: 'object',
    before: '$ref',
    code({ gen, data, schema }: KeywordCxt) {
      const { steps, readsAll } = schema as StepsOfSchema;
      const spent = gen.scopeValue('obj', { ref: budget });
      gen.code(_`${spent}.spend(${steps})`);
      if (readsAll) gen.code(_`${spent}.spendOn(${data})`);
    },
  };
}

/** Looked up instead of compared one by one: a list may have thousands of values, and a body as many places. */
function enumKeyword(steps: StepBudget): CodeKeywordDefinition {
  return {
    keyword: 'enum',
    schemaType: 'array',
    error: { message: ({ schema }) => enumMessage(schema as readonly JsonValue[]) },
    code(cxt: KeywordCxt) {
      const isMember = cxt.gen.scopeValue('func', { ref: membershipIn(cxt.schema as readonly JsonValue[], steps) });
      cxt.fail(_`!${isMember}(${cxt.data})`);
    },
  };
}

function membershipIn(values: readonly JsonValue[], steps: StepBudget): (value: JsonValue) => boolean {
  const members = new Set(values.map(identityOf));
  const hasStructures = values.some((value) => typeof value === 'object' && value !== null);
  return (value) => {
    if (typeof value !== 'object' || value === null) return members.has(identityOf(value));
    return hasStructures && members.has(spentIdentityOf(value, steps));
  };
}

const MAX_SHOWN = 10;
const MAX_SHOWN_LENGTH = 200;

function enumMessage(values: readonly JsonValue[]): string {
  const shown = values.map((value) => JSON.stringify(value)).join(', ');
  const isShort = values.length <= MAX_SHOWN && shown.length <= MAX_SHOWN_LENGTH;
  return isShort ? `must be one of ${shown}` : 'must be one of the values in the schema';
}

/** Linear, where ajv compares every object with every other one. */
function uniqueItemsKeyword(steps: StepBudget): CodeKeywordDefinition {
  return {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have the same item twice' },
    code(cxt: KeywordCxt) {
      if (cxt.schema !== true) return;
      const areUnique = cxt.gen.scopeValue('func', { ref: uniquenessWithin(steps) });
      cxt.fail(_`!${areUnique}(${cxt.data})`);
    },
  };
}

function uniquenessWithin(steps: StepBudget): (items: readonly JsonValue[]) => boolean {
  return (items) => {
    const seen = new Set<JsonValue>();
    return items.every((item) => {
      const before = seen.size;
      return seen.add(spentIdentityOf(item, steps)).size > before;
    });
  };
}

function spentIdentityOf(value: JsonValue, steps: StepBudget): JsonValue {
  const identity = identityOf(value);
  steps.spendText(typeof identity === 'string' ? identity.length : 1);
  return identity;
}

/** The same for equal JSON values, and different for others: texts are marked, so that none looks like a structure. */
function identityOf(value: JsonValue): JsonValue {
  if (typeof value === 'string') return `"${value}`;
  return typeof value === 'object' && value !== null ? canonicalJson(value) : value;
}

/** As ajv's, but a name counts as looked at only when it was: ajv's finds `constructor` in every object. */
const UNEVALUATED_PROPERTIES: CodeKeywordDefinition = {
  keyword: 'unevaluatedProperties',
  type: 'object',
  schemaType: ['boolean', 'object'],
  trackErrors: true,
  error: {
    message: 'is not allowed',
    params: ({ params }) => _`{unevaluatedProperty: ${params.unevaluatedProperty}}`,
  },
  code(cxt: KeywordCxt) {
    const { gen, data, errsCount, it } = cxt;
    const { props } = it;
    if (props instanceof Name) {
      const isLookedAt = gen.scopeValue('func', { ref: hasName });
      gen.if(_`${props} !== true`, () =>
        gen.forIn('key', data, (key) => gen.if(_`!${isLookedAt}(${props}, ${key})`, () => applyTo(cxt, key))),
      );
    } else if (props !== true) {
      const names = gen.scopeValue('obj', { ref: new Set(Object.keys(props ?? {})) });
      gen.forIn('key', data, (key) => gen.if(_`!${names}.has(${key})`, () => applyTo(cxt, key)));
    }
    it.props = true;
    cxt.ok(_`${errsCount ?? 0} === ${new Name('errors')}`);
  },
};

function hasName(names: object | undefined, name: string): boolean {
  return names !== undefined && Object.hasOwn(names, name);
}

function applyTo(cxt: KeywordCxt, key: Name): void {
  const { gen, it } = cxt;
  if (cxt.schema === false) {
    cxt.setParams({ unevaluatedProperty: key });
    cxt.error();
    if (!it.allErrors) gen.break();
  } else if (cxt.schema !== true) {
    const valid = gen.name('valid');
    cxt.subschema({ keyword: 'unevaluatedProperties', dataProp: key, dataPropType: Type.Str }, valid);
    if (!it.allErrors) gen.if(_`!${valid}`, () => gen.break());
  }
}
