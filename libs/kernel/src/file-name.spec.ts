import { fileNameIn } from './file-name.ts';

describe('the name of a file from outside', () => {
  it.each<[string | undefined, string | undefined]>([
    ['a.txt', 'a.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\tmp\\a.TXT', 'a.TXT'],
    ['a\u0000b\u202e.txt', 'ab.txt'],
    ['x'.repeat(300), 'x'.repeat(255)],
    ['..', undefined],
    ['a/.', undefined],
    ['a/', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j', (given, name) => {
    expect(fileNameIn(given)).toBe(name);
  });
});
