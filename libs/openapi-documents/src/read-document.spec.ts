import { OpenApiDocumentError } from './errors.ts';
import { OPENAPI_LIMITS } from './limits.ts';
import { readDocument } from './read-document.ts';
import { PET_STORE } from './testing/pet-store.ts';

const errorOf = (text: string): Promise<unknown> =>
  readDocument(text).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('reading in a thread', () => {
  it('gives the document', async () => {
    const { operations, title } = await readDocument(JSON.stringify(PET_STORE));
    expect([title, operations.length]).toEqual(['Pets', 5]);
  });

  it('says what is wrong', async () => {
    const error = await errorOf('{"openapi":"3.1.0","paths":{"/a":1,"/b":2}}');
    expect(error).toBeInstanceOf(OpenApiDocumentError);
    expect(error).toMatchObject({
      ...{ code: 'OPENAPI_DOCUMENT_INVALID', retryable: false },
      message: 'document.paths["/a"] must be an object, and 1 more',
      problems: [{ path: 'document.paths["/a"]' }, { path: 'document.paths["/b"]' }],
    });
    const large = 'x'.repeat(OPENAPI_LIMITS.documentBytes + 1);
    expect(await errorOf(large)).toMatchObject({ code: 'OPENAPI_DOCUMENT_TOO_LARGE' });
  });

  it('lets some wait, and says so to the others', async () => {
    const { processes, waiting } = OPENAPI_LIMITS;
    const text = JSON.stringify(PET_STORE);
    const answers = await Promise.all(Array.from({ length: processes + waiting + 1 }, () => errorOf(text)));
    expect(answers.filter((one) => one !== undefined)).toEqual([
      expect.objectContaining({ code: 'OPENAPI_DOCUMENTS_BUSY', retryable: true }),
    ]);
  });
});
