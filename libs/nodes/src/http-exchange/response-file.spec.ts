import { fileOf } from './response-file.ts';

const of = (headers: Record<string, string>, url = 'https://example.com/files/report.pdf?a=1') =>
  fileOf({ status: 200, headers, body: Buffer.from([0, 1, 255]), url }).file;

describe('a response as a file', () => {
  it('has its bytes, their number and their digest', () => {
    expect(of({ 'content-type': 'Application/PDF; x=y' })).toEqual({
      name: 'report.pdf',
      mediaType: 'application/pdf',
      bytes: 3,
      sha256: '26a66b061e8f48f39927c312f25293959729eee95978e2892d49d3512a5cc092',
      contentBase64: 'AAH/',
    });
    expect(of({})).toMatchObject({ mediaType: 'application/octet-stream' });
  });

  it.each<[string, string | undefined]>([
    ['attachment; filename="a b.txt"', 'a b.txt'],
    ['attachment; filename=a.txt', 'a.txt'],
    ['attachment; filename="a \\"b\\".txt"', 'a "b".txt'],
    ['attachment; filename="a.txt"; filename*=UTF-8\'\'%C3%BC.txt', 'ü.txt'],
    ["attachment; filename*=UTF-8''%ZZ; filename=a.txt", 'a.txt'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename="C:\\\\temp\\\\a.txt"', 'a.txt'],
    ["attachment; filename*=UTF-8''a%00%0Ab.txt", 'ab.txt'],
    ['attachment; filename=".."', 'report.pdf'],
    ['inline', 'report.pdf'],
  ])('is called by %s', (disposition, name) => {
    expect(of({ 'content-disposition': disposition })).toMatchObject({ name });
  });

  it('has no name when nobody gave it one', () => {
    expect(of({}, 'https://example.com/')).not.toHaveProperty('name');
    expect(of({}, 'https://example.com/%E0%A4%A')).not.toHaveProperty('name');
  });
});
