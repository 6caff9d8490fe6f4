import { z } from 'zod';
import { filePath, queryOf, repositoryPath } from '../../paths.ts';
import { field } from '../fields.ts';

export const pathInRepository = field(
  z
    .string()
    .min(1)
    .max(1_000)
    .regex(/^[^/].*[^/]$|^[^/]$/s, 'must not begin or end with a slash'),
  { title: 'Path', description: 'Of the file, from the root of the repository.', examples: ['docs/index.md'] },
);

export function contentsPath(repository: string, file: string, query: Parameters<typeof queryOf>[0] = {}): string {
  return `${repositoryPath(repository)}/contents/${filePath(file)}${queryOf(query)}`;
}
