import { z } from 'zod';

/**
 * What a schema takes, to be shown: its own example, else one put together of those of its parts. Optional parts without
 * one are left out; undefined when something that must be there has none.
 */
export function exampleOf(schema: unknown): unknown {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { examples, example } = schema.meta() ?? {};
  if (Array.isArray(examples)) return examples[0];
  return example === undefined ? exampleOfParts(schema) : example;
}

function exampleOfParts(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodObject) return objectExample(schema.shape);
  if (schema instanceof z.ZodArray) return listExample(schema.element);
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return exampleOf(schema.unwrap());
  return undefined;
}

function objectExample(shape: Readonly<Record<string, z.ZodType>>): unknown {
  const parts = Object.entries(shape).map(([name, part]) => [name, exampleOf(part), part] as const);
  const missing = parts.some(([, value, part]) => value === undefined && !part.safeParse(undefined).success);
  if (missing) return undefined;
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined).map(([name, value]) => [name, value]));
}

function listExample(element: unknown): unknown {
  const example = exampleOf(element);
  return example === undefined ? undefined : [example];
}
