import { publishedConfigSchema } from './published-config-schema.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

const publishedOf = (type: string) => publishedConfigSchema(SAMPLE_NODE_TYPES.get(type)!);
const expression = { $ref: '#/$defs/expression' };

describe('a published config schema', () => {
  it('lets an expression stand where a string would not do', () => {
    expect(publishedOf('work')).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        url: { type: 'string', minLength: 1 },
        count: { default: 1, anyOf: [{ type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: 9 }, expression] },
        mode: { default: 'a', description: 'How to work.', anyOf: [{ type: 'string', enum: ['a', 'b'] }, expression] },
        condition: { anyOf: [{ type: 'boolean' }, expression] },
        either: {
          anyOf: [
            {
              anyOf: [
                { type: 'string', enum: ['x', 'y'] },
                { type: 'array', minItems: 1, items: { anyOf: [{ type: 'number' }, expression] } },
              ],
            },
            expression,
          ],
        },
        by: { anyOf: [{ type: 'object' }, expression] },
        list: {
          anyOf: [
            {
              type: 'array',
              items: {
                anyOf: [
                  {
                    type: 'object',
                    properties: { n: { anyOf: [{ type: 'number' }, expression] } },
                    required: ['n'],
                    additionalProperties: false,
                  },
                  expression,
                ],
              },
            },
            expression,
          ],
        },
      },
      required: ['url'],
      additionalProperties: false,
      $defs: {
        expression: {
          type: 'string',
          pattern: '\\{\\{',
          description: 'An expression in {{ }}, whose value takes this place when the node runs.',
        },
      },
    });
  });

  it('leaves a field alone that holds anything', () => {
    expect(publishedOf('pass')).toMatchObject({ properties: { value: {} } });
  });

  it('leaves a trigger’s alone, whose config is not evaluated', () => {
    expect(publishedOf('start')).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { text: {}, mode: { type: 'string', enum: ['a', 'b'] } },
      additionalProperties: false,
    });
  });

  it('is plain JSON', () => {
    const published = publishedOf('work');
    expect(JSON.parse(JSON.stringify(published))).toEqual(published);
  });
});
