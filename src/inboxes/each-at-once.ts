/** Works on so many at once; on all of them, also when one fails. Rejects with the first failure once all is done. */
export async function eachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const done: Promise<void>[] = [];
  const go = async (): Promise<void> => {
    for (const item of left) {
      const one = work(item);
      done.push(one);
      await one.catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, go));
  await Promise.all(done);
}
