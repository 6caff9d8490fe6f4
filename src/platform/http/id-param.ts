import { Param, type PipeTransform } from '@nestjs/common';
import { MillraceError, tryParseId, type IdKind, type IdOf } from '#libs/kernel';

/** What is not shaped like an id names nothing, so it is not found rather than malformed. */
class IdPipe<Kind extends IdKind> implements PipeTransform<string, IdOf<Kind>> {
  constructor(readonly kind: Kind) {}

  transform(text: string): IdOf<Kind> {
    const id = tryParseId(this.kind, text);
    if (id) return id;
    throw new MillraceError('notFound', notFoundCode(this.kind), `there is no ${wordsOf(this.kind)} with this id`);
  }
}

/** The kind of id that a pipe of `IdParam` reads; undefined for any other pipe. */
export function idKindOf(pipe: unknown): IdKind | undefined {
  return pipe instanceof IdPipe ? (pipe.kind as IdKind) : undefined;
}

/** `api key` of `apiKey`. */
function wordsOf(kind: IdKind): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `API_KEY_NOT_FOUND` of `apiKey`. */
export function notFoundCode(kind: IdKind): string {
  return `${kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_NOT_FOUND`;
}

/** The `:id` of the path, as an id of the kind. */
export const IdParam = (kind: IdKind, name = 'id'): ParameterDecorator => Param(name, new IdPipe(kind));
