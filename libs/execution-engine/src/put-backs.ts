/**
 * How often an attempt was put back. It tells the makings of one attempt apart, which has the same number each time: what
 * comes late of an earlier one must not disturb the one that there is.
 */
export interface PutBacks {
  readonly putBacks?: number;
}

export function isSameMaking(one: PutBacks, other: PutBacks): boolean {
  return (one.putBacks ?? 0) === (other.putBacks ?? 0);
}

/** Of whatever may have been put back, that alone. */
export function putBacksOf(of: object | undefined): PutBacks {
  return of && 'putBacks' in of && typeof of.putBacks === 'number' ? { putBacks: of.putBacks } : {};
}

/** Once more. */
export function oneMore(of: object | undefined): { readonly putBacks: number } {
  return { putBacks: (putBacksOf(of).putBacks ?? 0) + 1 };
}
