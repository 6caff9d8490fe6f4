import { isAtLeast, parseVersion } from './version.mjs';

describe('versions', () => {
  it.each([
    ['nats-server: v2.15.1', [2, 15, 1]],
    ['v24.21.0', [24, 21, 0]],
    ['nats-server: v2.16.0-RC.1', [2, 16, 0]],
  ])('reads %s', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it('reads none from a text without one', () => {
    expect(parseVersion('command not found')).toBeUndefined();
  });

  it.each([
    [[2, 15, 1], true],
    [[2, 15, 2], true],
    [[2, 16, 0], true],
    [[3, 0, 0], true],
    [[2, 15, 0], false],
    [[2, 9, 10], false],
    [[1, 99, 99], false],
  ])('compares %j with 2.15.1 number by number', (version, expected) => {
    expect(isAtLeast(version, [2, 15, 1])).toBe(expected);
  });
});
