import type { AuditItemView } from './audit-view.ts';
import { csvRecord } from './csv.ts';

/** Both read their first item before they resolve: what goes wrong by then can still be said. */
export async function linesOf(items: AsyncGenerator<AuditItemView>): Promise<AsyncGenerator<string>> {
  return mapped(items, await items.next(), (item) => `${JSON.stringify(item)}\n`);
}

export async function csvOf(items: AsyncGenerator<AuditItemView>): Promise<AsyncGenerator<string>> {
  const rows = mapped(items, await items.next(), (item) => csvRecord(COLUMNS.map(([, cellOf]) => cellOf(item))));
  return (async function* () {
    yield csvRecord(COLUMNS.map(([name]) => name));
    yield* rows;
  })();
}

type Column = readonly [name: string, cellOf: (item: AuditItemView) => string | number | null];

const COLUMNS: readonly Column[] = [
  ['index', ({ index }) => index],
  ['at', ({ at }) => at],
  ['kind', ({ kind }) => kind],
  ['action', ({ action }) => action],
  ['target', ({ target }) => target],
  ['actorType', ({ actor }) => actor?.type ?? null],
  ['actorId', ({ actor }) => actor?.id ?? null],
  ['actorName', ({ actor }) => actor?.name ?? null],
  ['role', ({ role }) => role],
  ['address', ({ address }) => address],
  ['status', ({ outcome }) => outcome?.status ?? null],
  ['code', ({ outcome }) => outcome?.code ?? null],
  ['endedAt', ({ outcome }) => outcome?.at ?? null],
  ['before', ({ before }) => before && JSON.stringify(before)],
  ['after', ({ after }) => after && JSON.stringify(after)],
  ['requestId', ({ requestId }) => requestId],
];

async function* mapped(
  items: AsyncGenerator<AuditItemView>,
  first: IteratorResult<AuditItemView, unknown>,
  textOf: (item: AuditItemView) => string,
): AsyncGenerator<string> {
  if (first.done) return;
  yield textOf(first.value);
  for await (const item of items) yield textOf(item);
}
