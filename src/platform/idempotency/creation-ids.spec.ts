import { tryParseId } from '#libs/kernel';
import { seededIds } from './creation-ids.ts';

const NOW = Date.UTC(2026, 0, 1);
const idsOf = (seed: string) => {
  const ids = seededIds(seed, NOW);
  return [ids.newId('execution'), ids.newId('execution'), ids.newId('workflow'), ids.newId('execution')];
};

describe('ids that follow from a seed', () => {
  it('have the shape of all ids', () => {
    const id = seededIds('seed', NOW).newId('execution');
    expect(id).toMatch(/^ex_[0-9a-hjkmnp-tv-z]{36}$/);
    expect(tryParseId('execution', id)).toBe(id);
  });

  it('are the same each time, and differ from each other and from those of another seed', () => {
    expect(idsOf('seed')).toEqual(idsOf('seed'));
    expect(new Set([...idsOf('seed'), ...idsOf('other')]).size).toBe(8);
  });

  it('never change from version to version, while a request may come again', () => {
    expect(seededIds('seed', NOW).newId('workflow')).toBe('wf_01kdvdna00twj6vsx9z4r8cpxjjcf6fr1bk4');
  });
});
