import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemDocument } from './problem.ts';

/** Of a route that people open in a browser, so that what goes wrong is a page to those who ask for one. */
export const FOR_PEOPLE = { forPeople: true } as const;
/** The same, for whoever describes a route of Nest. */
export const REFUSES_BY_PAGES = 'millrace:refuses-by-pages';
export const ForPeople = (): MethodDecorator =>
  applyDecorators(RouteConfig(FOR_PEOPLE), SetMetadata(REFUSES_BY_PAGES, true));

export function wantsPage({ routeOptions: { config }, headers: { accept = '' } }: FastifyRequest): boolean {
  return 'forPeople' in config && accept.includes('text/html');
}

export function sendProblemPage(reply: FastifyReply, { detail, code }: ProblemDocument): FastifyReply {
  return sendPage(reply, 'That did not work', `<p>${escaped(detail)}</p>\n<p><small>${escaped(code)}</small></p>`);
}

/** A page of ours: no script, no style, nothing that a browser keeps or a search engine finds. `body` is HTML. */
export function sendPage(reply: FastifyReply, title: string, body: string): FastifyReply {
  return withPageHeaders(reply).send(pageOf(title, body));
}

export function withPageHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex')
    .header('referrer-policy', 'no-referrer');
}

export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For what others wrote. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
