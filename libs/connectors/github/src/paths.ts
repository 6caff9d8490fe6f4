import { NodeError } from '#libs/node-kit';

/**
 * A path with its values encoded, so that none of them leaves its place: `path\`/repos/${owner}/${name}/issues\``. Throws
 * NodeError for `.`, `..` and nothing, which URLs leave out, however they are encoded: a label `..` would stand for all.
 */
export function path(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return texts.map((text, index) => `${index === 0 ? '' : segment(values[index - 1] ?? '')}${text}`).join('');
}

/** The path of a repository, given as `owner/name`, that others go on from. */
export function repositoryPath(repository: string): string {
  const [owner = '', name = ''] = repository.split('/');
  return path`/repos/${owner}/${name}`;
}

/** A path of a file, each of its parts encoded. */
export function filePath(file: string): string {
  return file
    .split('/')
    .map((part) => segment(part))
    .join('/');
}

function segment(value: string | number): string {
  const text = String(value);
  if (text === '' || /^(\.|%2e){1,2}$/i.test(text))
    throw new NodeError('GITHUB_INVALID_REQUEST', `"${text}" cannot stand in a path`, { retryable: false });
  return encodeURIComponent(text);
}

/** `?a=1&b=2` of what is there; lists as GitHub takes them, with commas. */
export function queryOf(fields: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
