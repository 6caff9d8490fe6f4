import { Validator } from '@seriousme/openapi-schema-validator';
import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { clientSourceOf } from '../../scripts/client/source-of.mjs';
import { call } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { AnswerChecks } from '../support/openapi/answer-checks.ts';
import { operationsOf, type DocumentedOperation } from '../support/openapi/document.ts';

describe('the description of the API', () => {
  let millrace: LocalMillrace;
  let document: JsonObject;
  let operations: readonly DocumentedOperation[];
  beforeAll(async () => {
    millrace = await startMillrace();
    document = (await call(millrace.url, 'GET', '/openapi.json')).body as JsonObject;
    operations = operationsOf(document);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  it('is a valid OpenAPI 3.1 document of this server', async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: millrace.url }] });
  });

  it('names each operation once, and every parameter of its path', () => {
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, parameters } of operations) {
      const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(inPath.toSorted()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted());
    }
  });

  it('shows an example of each body and each answer, and the examples are right', () => {
    const checks = new AnswerChecks();
    const wrong = operations.flatMap(({ id, body, responses }) => {
      const shown = [
        ...(body ? [{ what: `${id} body`, ...body }] : []),
        ...Object.entries(responses).flatMap(([status, { content }]) =>
          Object.entries(content)
            .filter(([mediaType]) => mediaType.endsWith('json'))
            .map(([mediaType, one]) => ({ what: `${id} ${status} ${mediaType}`, ...one })),
        ),
      ];
      return shown.flatMap(({ what, schema, example }) => {
        if (example === undefined) return [`${what}: no example`];
        const objection = checks.objectionToExample(schema, example);
        return objection === undefined ? [] : [`${what}: ${objection}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('says of every operation what it is for, what it refuses, and who may call it', () => {
    const described = Object.values(document['paths'] as JsonObject).flatMap((item) =>
      Object.values(item as JsonObject),
    );
    for (const operation of described) {
      if (!isJsonObject(operation)) throw new Error('an operation is no object');
      expect(operation['summary']).toMatch(/\S/);
      expect(operation['tags']).toHaveLength(1);
      expect(Array.isArray(operation['security'])).toBe(true);
    }
  });

  it('is what the client was made from: npm run client', async () => {
    const made = await readFile(new URL('../../libs/api-client/src/schema.ts', import.meta.url), 'utf8');
    expect(await clientSourceOf(document)).toBe(made);
  });

  describe('as a page', () => {
    it('comes whole from this server, and may load nothing from elsewhere', async () => {
      const page = await call(millrace.url, 'GET', '/docs');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
      expect(parts.filter((part) => /^[a-z]+:\/\//.test(part))).toEqual([]);
      for (const part of parts.filter((one) => !one.startsWith('data:')))
        expect((await call(millrace.url, 'GET', `/${part}`)).status).toBe(200);
    });

    it.each(['../package.json', '..%2Fpackage.json', 'package.json', 'constructor', '%00'])(
      'serves nothing else: %s',
      async (file) => {
        expect((await call(millrace.url, 'GET', `/docs/${file}`)).status).toBe(404);
      },
    );
  });
});
