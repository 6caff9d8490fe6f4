import { csvRecord } from './csv.ts';

describe('a record of a table', () => {
  it('quotes what has commas, quotes and line breaks', () => {
    expect(csvRecord(['a', 'b,c', 'd"e', 'f\ng', null, 7, ''])).toBe('a,"b,c","d""e","f\ng",,7,\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('shows %j as text', (formula) => {
    expect(csvRecord([formula]).replace(/^"/, '')).toMatch(/^'/);
  });

  it('leaves numbers of ours and what only looks like a formula further on', () => {
    expect(csvRecord([-1, 'a=1'])).toBe('-1,a=1\r\n');
  });
});
