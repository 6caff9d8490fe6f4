import { TextDecoder } from 'node:util';

/** Names that mail uses and the Encoding Standard does not know, e.g. code pages of Windows. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  cp874: 'windows-874',
};

/** Decodes what a part says it is written in. Undefined when nobody knows the charset. */
export function tryDecoderOf(charset: string): TextDecoder | undefined {
  const name = charset.trim().toLowerCase();
  const plain = name.replace(/^(?:x-|cs)/, '');
  const page = plain.replace(/^(?:windows-|ms|ibm)/, 'cp');
  for (const candidate of [name, plain, plain.replaceAll(/[_\s]/g, '-'), OTHER_NAMES[page]]) {
    const decoder = candidate === undefined ? undefined : tryDecoder(candidate);
    if (decoder) return decoder;
  }
  return undefined;
}

/** Never fails: bytes that mean nothing become U+FFFD, an unknown charset is taken for windows-1252. */
export function decode(bytes: ArrayBuffer, charset: string | undefined): string {
  const decoder = tryDecoderOf(charset ?? 'utf-8') ?? new TextDecoder('windows-1252');
  return decoder.decode(bytes);
}

function tryDecoder(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name);
  } catch {
    // The only way to ask whether a name is known.
    return undefined;
  }
}
