import { NodeError } from '#libs/node-kit';
import { z } from 'zod';

/** What a look-up makes of it when nothing is there. */
export const ifMissing = (what: string) =>
  z
    .enum(['fail', 'continue'])
    .default('fail')
    .meta({
      title: 'When there is none',
      description: `\`fail\`: SLACK_NOT_FOUND. \`continue\`: the output's \`${what}\` is null.`,
      examples: ['continue'],
    });

/** Undefined in the place of SLACK_NOT_FOUND, where that is wanted. */
export async function orNothing<Found>(
  missing: 'fail' | 'continue',
  find: () => Promise<Found>,
): Promise<Found | undefined> {
  try {
    return await find();
  } catch (error) {
    if (missing === 'continue' && error instanceof NodeError && error.code === 'SLACK_NOT_FOUND') return undefined;
    throw error;
  }
}
