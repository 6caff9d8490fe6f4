import type { Location } from './locations.ts';

/**
 * The strongly connected components of the locations, each after those it leads to (Tarjan). Recursion is bounded by the
 * number of places.
 */
export function findComponents(locations: ReadonlyMap<number, Location>): number[][] {
  const components: number[][] = [];
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();

  const visit = (at: number): void => {
    const number = order.size;
    order.set(at, number);
    low.set(at, number);
    open.push(at);
    isOpen.add(at);
    for (const next of targetsOf(locations.get(at))) {
      if (!order.has(next)) visit(next);
      if (isOpen.has(next)) low.set(at, Math.min(low.get(at) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(at) !== number) return;
    const component = open.splice(open.indexOf(at));
    for (const member of component) isOpen.delete(member);
    components.push(component);
  };

  for (const at of locations.keys()) if (!order.has(at)) visit(at);
  return components;
}

function targetsOf(location: Location | undefined): Set<number> {
  return new Set(location?.groups.flatMap((group) => [...group.keys()]));
}
