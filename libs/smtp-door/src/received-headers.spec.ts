import { countReceivedHeaders } from './received-headers.ts';

const count = (text: string) => countReceivedHeaders(Buffer.from(text));

describe('countReceivedHeaders', () => {
  it.each([
    ['', 0],
    ['Received: a\r\nSubject: b\r\nRECEIVED : c\r\nreceived\t:d\r\n\r\n', 3],
    ['Received: a\n folded\n\tReceived: not one\nReceived: b\n\nReceived: of another\n', 2],
    ['\r\nReceived: in the text\r\n', 0],
    ['\nReceived: in the text\n', 0],
    ['Received-SPF: pass\r\nX-Received: a\r\nReceived: without an end', 1],
    ['Received', 0],
  ])('%j', (text, expected) => {
    expect(count(text)).toBe(expected);
  });
});
