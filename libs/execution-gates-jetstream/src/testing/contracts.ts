import type { Applicant } from '#libs/execution-gates';
import type { GateLines, GateValues } from '../ports.ts';

/** What every implementation must do; `newToken` gives one that nobody used. */
export function gateValuesContract(open: () => GateValues, newToken: () => string): void {
  it('has nothing of a token that nobody wrote', async () => {
    expect(await open().read(newToken())).toEqual({ value: undefined, revision: 0 });
  });

  it('writes what was read, and gives it a new revision', async () => {
    const [values, token] = [open(), newToken()];
    expect(await values.tryWrite(token, { holders: ['a'] }, { revision: 0 })).toBe(true);
    const first = await values.read(token);
    expect(first.value).toEqual({ holders: ['a'] });
    expect(await values.tryWrite(token, { holders: ['a'] }, first)).toBe(true);
    expect((await values.read(token)).revision).toBeGreaterThan(first.revision);
  });

  it('writes nothing when somebody else wrote', async () => {
    const [values, token] = [open(), newToken()];
    await values.tryWrite(token, { by: 'first' }, { revision: 0 });
    const read = await values.read(token);
    await values.tryWrite(token, { by: 'second' }, read);
    expect(await values.tryWrite(token, { by: 'third' }, read)).toBe(false);
    expect(await values.tryWrite(token, { by: 'third' }, { revision: 0 })).toBe(false);
    expect((await values.read(token)).value).toEqual({ by: 'second' });
  });

  it('lets one of several win', async () => {
    const [values, token] = [open(), newToken()];
    const writes = await Promise.all([1, 2, 3, 4].map((by) => values.tryWrite(token, { by }, { revision: 0 })));
    expect(writes.filter(Boolean)).toHaveLength(1);
  });
}

export function gateLinesContract(open: () => GateLines, newToken: () => string): void {
  const applicant = (executionId: string): Applicant => ({ executionId, gate: 0, limit: 1, onLimit: 'queue' });

  it('gives who came first, as it came', async () => {
    const [lines, token] = [open(), newToken()];
    expect(await lines.first(token)).toBeUndefined();
    await lines.join(token, { ...applicant('ex_b'), gate: 2, limit: 7, onLimit: 'cancelOldest' });
    await lines.join(token, applicant('ex_a'));
    expect(await lines.first(token)).toEqual({ executionId: 'ex_b', gate: 2, limit: 7, onLimit: 'cancelOldest' });
    await lines.drop(token, 'ex_b');
    expect(await lines.first(token)).toEqual(applicant('ex_a'));
  });

  it('lets nobody join twice, and keeps the first place', async () => {
    const [lines, token] = [open(), newToken()];
    for (const id of ['ex_1', 'ex_2', 'ex_1']) await lines.join(token, applicant(id));
    await lines.drop(token, 'ex_1');
    await lines.drop(token, 'ex_2');
    expect(await lines.first(token)).toBeUndefined();
  });

  it('lets who left join again, at the end', async () => {
    const [lines, token] = [open(), newToken()];
    for (const id of ['ex_1', 'ex_2']) await lines.join(token, applicant(id));
    await lines.drop(token, 'ex_1');
    await lines.join(token, applicant('ex_1'));
    expect((await lines.first(token))?.executionId).toBe('ex_2');
  });

  it('drops who is not there, and leaves other lines alone', async () => {
    const [lines, token, other] = [open(), newToken(), newToken()];
    await lines.join(other, applicant('ex_1'));
    await lines.drop(token, 'ex_1');
    await lines.drop(other, 'ex_2');
    expect((await lines.first(other))?.executionId).toBe('ex_1');
    expect(await lines.first(token)).toBeUndefined();
  });
}
