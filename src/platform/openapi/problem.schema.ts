import { z } from 'zod';

/** An error as every route answers it (RFC 9457), as `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A URN that stands for the code.' }),
    title: z.string().meta({ description: 'The status in words.' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong and what to do, for people; it may change.' }),
    code: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .meta({ description: 'Stable; what programs are to look at.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({
        description: 'What is wrong with the request, each with the path of the value, e.g. `nodes[2].config.url`.',
      }),
    instance: z.string().optional().meta({ description: 'Names the request in our log; with 5xx alone.' }),
  })
  .meta({
    id: 'Problem',
    description: 'Why a request was refused.',
    examples: [
      {
        type: 'urn:millrace:problem:INVALID_REQUEST',
        title: 'Bad Request',
        status: 400,
        detail: 'the request is not as this route takes it',
        code: 'INVALID_REQUEST',
        errors: [{ path: 'limit', message: 'Too big: expected number to be <=200' }],
      },
    ],
  });
