import { z } from 'zod';
import { isVariableName, VARIABLE_NAME } from '#libs/workspace-variables';
import { anyJson } from '#libs/node-kit';
import { pageQuery } from '../platform/http/page.ts';

const value = anyJson().meta({ description: 'Any JSON value; no secret: executions record what they read.' });

export const createVariableBody = z
  .strictObject({
    name: z
      .string()
      .regex(VARIABLE_NAME, 'must begin with a letter or _, and have 1 to 64 letters of A-Z, a-z, 0-9 and _')
      .refine(isVariableName, 'must be another name')
      .meta({ description: 'As expressions spell it: `vars.<name>`.', example: 'region' }),
    value,
  })
  .meta({
    id: 'NewVariable',
    description: 'A value that expressions of all workflows of the workspace may read.',
    examples: [{ name: 'region', value: 'eu' }],
  });
export type CreateVariableBody = z.output<typeof createVariableBody>;

export const changeVariableBody = z
  .strictObject({ value })
  .meta({ id: 'VariableChange', description: 'The new value.', examples: [{ value: 'us' }] });
export type ChangeVariableBody = z.output<typeof changeVariableBody>;

export const listVariablesQuery = z.strictObject(pageQuery);
export type ListVariablesQuery = z.output<typeof listVariablesQuery>;

export const variableView = z
  .object({
    name: z.string(),
    value: anyJson(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Variable',
    description: 'A workspace variable.',
    examples: [
      {
        name: 'region',
        value: 'eu',
        createdAt: '2026-11-23T10:00:00.000Z',
        updatedAt: '2026-11-23T10:00:00.000Z',
      },
    ],
  });
export type VariableView = z.output<typeof variableView>;
