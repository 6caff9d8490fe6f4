/** Keys and indices as a path that people read, e.g. `items[2].price`, `["a b"]`. */
export function pathOf(trail: readonly (string | number)[]): string {
  return trail.reduce<string>((path, key) => {
    if (typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key)) return path === '' ? key : `${path}.${key}`;
    return `${path}[${JSON.stringify(key)}]`;
  }, '');
}
