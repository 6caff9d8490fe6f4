import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type {
  ZodOpenApiContentObject,
  ZodOpenApiOperationObject,
  ZodOpenApiResponseObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { ID_PREFIXES, InvariantError } from '#libs/kernel';
import { ACCESS_RULE, type AccessRule } from '../access/access.decorators.ts';
import { idKindOf } from '../http/id-param.ts';
import { REFUSES_BY_PAGES } from '../http/page-for-people.ts';
import { IDEMPOTENT } from '../idempotency/idempotent.ts';
import { isLimited } from '../rate-limit/api-rate-limit.ts';
import type { DeclaredArgument, DeclaredRoute } from '../routes/declared-routes.ts';
import { exampleOf } from './example-of.ts';
import { ANSWER_HEADERS, requestHeadersOf } from './headers.ts';
import { OPERATION, type Answer, type AnswerHeader, type OperationInfo } from './operation.ts';
import { problemSchema } from './problem.schema.ts';
import { refusalsOf, type Refusals } from './refusals.ts';

export const BEARER = 'bearer';

/** One operation of the document: what its route declares, in the words of OpenAPI. */
export function operationOf(route: DeclaredRoute): ZodOpenApiOperationObject {
  const info = route.metadata<OperationInfo>(OPERATION);
  if (!info) throw new InvariantError(`${route.controller}.${route.handlerName} has no @Operation()`);
  const rule = route.metadata<AccessRule>(ACCESS_RULE);
  const permission = rule?.kind === 'permission' ? rule.permission : undefined;
  const body = bodyOf(route, info);
  return {
    operationId: operationIdOf(route),
    tags: [tagOf(route.path)],
    summary: info.summary,
    ...(info.description === undefined ? {} : { description: info.description }),
    security: permission === undefined ? [] : [{ [BEARER]: [] }],
    ...(permission === undefined ? {} : { 'x-permission': permission }),
    requestParams: paramsOf(route, info),
    ...(body ? { requestBody: body } : {}),
    responses: {
      ...answersOf(info.answers, commonHeadersOf(route)),
      ...problemResponses(refusalsOf(route), { asPages: Boolean(route.metadata(REFUSES_BY_PAGES)) }),
    },
  };
}

/** `/v1/workflows/{id}` of `/v1/workflows/:id`. */
export function openApiPathOf(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, '{$1}');
}

/** `workflowsCreate` of `WorkflowsController.create`. */
function operationIdOf({ controller, handlerName }: DeclaredRoute): string {
  const name = controller.replace(/Controller$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}${handlerName.charAt(0).toUpperCase()}${handlerName.slice(1)}`;
}

/** What a route is about: the last word of its path that a person would name it by. */
function tagOf(path: string): string {
  const words = path.split('/').filter((word) => word !== '' && word !== 'v1' && !word.startsWith(':'));
  return words.includes('executions') ? 'executions' : (words[0] ?? 'other');
}

function paramsOf(route: DeclaredRoute, info: OperationInfo): ZodOpenApiOperationObject['requestParams'] {
  const headers = requestHeadersOf(info.requestHeaders ?? [], Boolean(route.metadata(IDEMPOTENT)));
  const path = route.arguments.filter(({ kind, name }) => kind === RouteParamtypes.PARAM && name !== undefined);
  const query = schemaOf(route, RouteParamtypes.QUERY);
  return {
    ...(path.length > 0 && { path: z.object(Object.fromEntries(path.map((one) => [one.name, pathParameter(one)]))) }),
    ...(query instanceof z.ZodObject && { query }),
    ...(headers && { header: headers }),
  };
}

function pathParameter({ schema, pipes }: DeclaredArgument): z.ZodType {
  const kind = pipes.map(idKindOf).find((found) => found !== undefined);
  if (kind) return z.string().meta({ description: `Begins with \`${ID_PREFIXES[kind]}_\`.` });
  return schema instanceof z.ZodType ? schema : z.string();
}

function schemaOf(route: DeclaredRoute, kind: RouteParamtypes): z.ZodType | undefined {
  const found = route.arguments.find((argument) => argument.kind === kind && argument.schema !== undefined);
  return found?.schema instanceof z.ZodType ? found.schema : undefined;
}

function bodyOf(route: DeclaredRoute, info: OperationInfo): ZodOpenApiOperationObject['requestBody'] {
  const schema = info.body ?? schemaOf(route, RouteParamtypes.BODY);
  if (!schema) return undefined;
  return { required: !schema.safeParse(undefined).success, content: contentOf({ 'application/json': schema }) };
}

/** Of every answer of such a route that went well. */
function commonHeadersOf(route: DeclaredRoute): AnswerHeader[] {
  return [
    ...(isLimited(route.path) ? (['ratelimit', 'ratelimit-policy'] as const) : []),
    ...(route.metadata(IDEMPOTENT) ? (['idempotency-replayed'] as const) : []),
  ];
}

function answersOf(answers: OperationInfo['answers'], common: readonly AnswerHeader[]): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      answerOf({ ...answer, headers: [...(answer.headers ?? []), ...common] }),
    ]),
  );
}

function answerOf({ description, schema, headers = [], otherForms = {} }: Answer): ZodOpenApiResponseObject {
  const forms = { ...(schema && { 'application/json': schema }), ...otherForms };
  return {
    description,
    ...(headers.length > 0 && {
      headers: z.object(Object.fromEntries(headers.map((name) => [name, ANSWER_HEADERS[name]]))),
    }),
    ...(Object.keys(forms).length > 0 && { content: contentOf(forms) }),
  };
}

function contentOf(forms: Readonly<Record<string, z.ZodType>>): ZodOpenApiContentObject {
  return Object.fromEntries(
    Object.entries(forms).map(([mediaType, schema]) => {
      const example = exampleOf(schema);
      return [mediaType, { schema, ...(example === undefined ? {} : { example }) }];
    }),
  );
}

const problemPage = z.string().meta({ id: 'ProblemPage', description: 'What is wrong and what to do, for people.' });

/** Answers that refuse, one a status, with their codes; `asPages` also to who asks for HTML. */
export function problemResponses(
  refusals: Refusals,
  { asPages = false }: { readonly asPages?: boolean } = {},
): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(refusals).map(([status, codes]) => [
      status,
      {
        description: `${STATUS_CODES[status] ?? 'Refused'}: ${codes.map((code) => `\`${code}\``).join(', ')}`,
        ...(['429', '503'].includes(status) && { headers: z.object({ 'retry-after': ANSWER_HEADERS['retry-after'] }) }),
        content: {
          'application/problem+json': {
            schema: problemSchema.and(z.object({ status: z.literal(Number(status)), code: z.enum(codes) })),
            example: exampleProblem(Number(status), codes[0] ?? 'REFUSED'),
          },
          ...(asPages && { 'text/html': { schema: problemPage } }),
        },
      },
    ]),
  );
}

function exampleProblem(status: number, code: string): object {
  return {
    type: `urn:millrace:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: 'What is wrong, and what to do.',
    code,
  };
}
