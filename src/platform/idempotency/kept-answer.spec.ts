import { randomBytes } from 'node:crypto';
import { createRootKeys } from '../root-keys.ts';
import { AnswerSeal, type KeptAnswer } from './kept-answer.ts';

describe('a kept answer', () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const seal = new AnswerSeal(createRootKeys([oldKey]));
  const answer: KeptAnswer = { status: 201, headers: { location: '/v1/api-keys/key_1' }, body: '{"key":"hunter2"}' };

  it('opens as what it was, and shows nothing closed', () => {
    const sealed = seal.seal('row', answer);
    expect(seal.open('row', sealed)).toEqual(answer);
    expect(sealed.bytes.toString('latin1')).not.toContain('hunter2');
    expect(seal.seal('row', answer).bytes).not.toEqual(sealed.bytes);
  });

  it('opens after the root key was rotated, and not without its own', () => {
    const sealed = seal.seal('row', answer);
    const rotated = new AnswerSeal(createRootKeys([newKey, oldKey]));
    expect(rotated.open('row', sealed)).toEqual(answer);
    expect(rotated.seal('row', answer).keyId).not.toBe(sealed.keyId);
    expect(new AnswerSeal(createRootKeys([newKey])).open('row', sealed)).toBeUndefined();
  });

  it('opens in its own row alone, and whole', () => {
    const sealed = seal.seal('row', answer);
    expect(() => seal.open('other row', sealed)).toThrow();
    for (const place of [0, 20, sealed.bytes.length - 1]) {
      const bytes = Buffer.from(sealed.bytes);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      expect(() => seal.open('row', { ...sealed, bytes })).toThrow();
    }
  });
});
