/** Which methods a path answers to; asked only when a request matched no route. */
export class KnownRoutes {
  private readonly routes: { readonly methods: readonly string[]; readonly segments: readonly string[] }[] = [];

  /** `url` as Fastify takes it: `/a/:name/*`. The bare `*`, which plugins use to hear of every path, makes none known. */
  add(methods: readonly string[], url: string): void {
    if (url !== '*') this.routes.push({ methods, segments: url.split('/') });
  }

  methodsOf(path: string): string[] {
    const asked = path.split('/');
    const known = this.routes.filter(({ segments }) => matches(segments, asked)).flatMap(({ methods }) => methods);
    return [...new Set(known)].toSorted();
  }
}

function matches(segments: readonly string[], asked: readonly string[]): boolean {
  const open = segments.at(-1) === '*';
  const fixed = open ? segments.slice(0, -1) : segments;
  if (open ? asked.length <= fixed.length : asked.length !== fixed.length) return false;
  return fixed.every((segment, place) => (segment.includes(':') ? asked[place] !== '' : segment === asked[place]));
}
