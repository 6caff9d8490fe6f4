import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import type { Answer, RecordedAnswer } from './setup.ts';

/** Instead of the recorded answers: another one, the end of the connection, or nothing for ever. */
export type Disturbance =
  { readonly kind: 'answers'; readonly answer: Answer } | { readonly kind: 'cuts' | 'is silent' };

/** A service on loopback that answers what was recorded, and 599 to what it does not know. */
export class RecordedService implements AsyncDisposable {
  /** Arrives when a request that is disturbed has arrived. */
  readonly arrival = Promise.withResolvers<void>();
  #server: TestServer | undefined;
  #answers: RecordedAnswer[] = [];
  #beside: readonly RecordedAnswer[] = [];
  #disturbance: { readonly what: Disturbance; times: number } | undefined;
  #headers: Readonly<Record<string, string>> = {};
  #at = '';
  readonly #unknown: string[] = [];

  static async start(): Promise<RecordedService> {
    const service = new RecordedService();
    service.#server = await startServer((request, response) => service.#answer(request, response));
    return service;
  }

  get url(): string {
    return this.#started.url;
  }

  get requests(): TestServer['requests'] {
    return this.#started.requests;
  }

  /** What was called for and is not recorded. */
  get unknown(): readonly string[] {
    return this.#unknown;
  }

  /** What is recorded and was not called for. */
  get unasked(): readonly string[] {
    return this.#answers.map(({ to }) => to);
  }

  nextHangUp(): Promise<void> {
    return this.#started.nextHangUp();
  }

  /** Those beside are answered however often they are asked, the others once each and in their order. */
  answers(recorded: readonly RecordedAnswer[], beside: readonly RecordedAnswer[] = []): void {
    this.#answers = [...recorded];
    this.#beside = beside;
  }

  /** Where the API begins. */
  beginAt(path: string): void {
    this.#at = path;
  }

  addHeaders(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
  }

  /** In the place of the recorded answers, not of those beside. */
  disturb(what: Disturbance, times = Number.POSITIVE_INFINITY): void {
    this.#disturbance = { what, times };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  get #started(): TestServer {
    if (!this.#server) throw new Error('the service was not started');
    return this.#server;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.on('end', () => {
      const beside = this.#beside.find((one) => this.#isFor(one, request));
      if (beside) return this.#write(response, beside);
      const index = this.#answers.findIndex((one) => this.#isFor(one, request));
      if (index < 0) this.#unknown.push(`${request.method} ${request.url}`);
      const disturbed = this.#disturbance;
      if (disturbed && disturbed.times-- > 0) return this.#disturb(response, disturbed.what);
      const [answer] = index < 0 ? [] : this.#answers.splice(index, 1);
      this.#write(response, answer ?? { status: 599 });
    });
  }

  #disturb(response: ServerResponse, what: Disturbance): void {
    this.arrival.resolve();
    if (what.kind === 'answers') this.#write(response, what.answer);
    if (what.kind === 'cuts') response.destroy();
  }

  #write(response: ServerResponse, { status = 200, headers, json, text }: Answer): void {
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(status, { ...type, ...this.#headers, ...headers }).end(body);
  }

  #isFor({ to }: RecordedAnswer, { method, url = '' }: IncomingMessage): boolean {
    const inApi = url.startsWith(`${this.#at}/`) ? url.slice(this.#at.length) : url;
    return to === `${method} ${to.includes('?') ? inApi : (inApi.split('?')[0] ?? '')}`;
  }
}
