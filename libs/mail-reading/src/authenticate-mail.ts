import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { authenticate, type AuthenticateResult } from 'mailauth';
import { deadlineFrom, type Deadline, type DnsResolver } from './dns-deadline.ts';
import { withFewSignatures } from './few-signatures.ts';

/** Results of RFC 8601, 2.7; the verifiers know no others. */
export type AuthenticationResult =
  'none' | 'pass' | 'fail' | 'softfail' | 'policy' | 'neutral' | 'temperror' | 'permerror';

/** Of DNS about one message; SPF, DMARC and ten signatures need fewer. More are not answered. */
const MOST_QUESTIONS = 100;

const PIECE_BYTES = 64 * 1024;

/** Who brought a message, as the SMTP session knows it. */
export interface MailOrigin {
  readonly ip: string;
  readonly helo: string;
  /** Empty for the null sender: then SPF is of `helo`. */
  readonly envelopeFrom: string;
}

export interface MailAuthentication {
  readonly spf: { readonly result: AuthenticationResult; readonly domain?: string };
  /** One for each signature, in the order of the message. */
  readonly dkim: readonly {
    readonly result: AuthenticationResult;
    readonly domain: string;
    readonly selector: string;
  }[];
  /** `policy`: what the domain of From asks for when it fails, e.g. `reject`. */
  readonly dmarc: { readonly result: AuthenticationResult; readonly policy?: string; readonly domain?: string };
}

export interface AuthenticateOptions {
  /** Answers as `dns.promises.resolve` does, errors with its codes (`ENOTFOUND`, `ENODATA`) included. */
  readonly resolver: DnsResolver;
  /** For everything together. Default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * SPF (RFC 7208), DKIM (RFC 6376) and DMARC of a message. DNS is asked, nothing else: no ARC, no BIMI. Never rejects:
 * what DNS does not answer in time is `temperror`, what can't be evaluated is `permerror`. The message is believed nothing
 * about where it came from.
 */
export async function authenticateMail(
  raw: Uint8Array,
  origin: MailOrigin,
  { resolver, timeoutMs = 10_000 }: AuthenticateOptions,
): Promise<MailAuthentication> {
  using deadline = deadlineFrom(timeoutMs);
  const checks = check(raw, origin, deadline, resolver).catch(() => nothingBut('permerror'));
  return await Promise.race([checks, deadline.over.then(() => nothingBut('temperror'))]);
}

async function check(
  raw: Uint8Array,
  { ip, helo, envelopeFrom }: MailOrigin,
  deadline: Deadline,
  resolver: DnsResolver,
): Promise<MailAuthentication> {
  const message = withFewSignatures(raw);
  if (!message) return nothingBut('permerror');
  return compact(
    await authenticate(Readable.from(piecesOf(message, deadline)), {
      ip,
      helo,
      sender: envelopeFrom,
      // Stands in headers that nobody reads here; the default is the name of this machine.
      mta: 'localhost',
      trustReceived: false,
      disableArc: true,
      disableBimi: true,
      rejectRsaSha1: true,
      resolver: deadline.bound(resolver, MOST_QUESTIONS),
    }),
  );
}

/** One a turn of the event loop: a whole large message would keep it for a third of a second. */
async function* piecesOf(message: Uint8Array, deadline: Deadline): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < message.length && !deadline.isOver; at += PIECE_BYTES) {
    yield message.subarray(at, at + PIECE_BYTES);
    await setImmediate();
  }
}

function compact({ spf, dkim, dmarc }: AuthenticateResult): MailAuthentication {
  return {
    spf: spf ? { result: resultOf(spf.status.result), ...domainOf(spf.domain) } : { result: 'none' },
    dkim: dkim.results.flatMap(({ status, signingDomain, selector }) =>
      signingDomain ? [{ result: resultOf(status.result), domain: signingDomain, selector: selector ?? '' }] : [],
    ),
    dmarc: dmarc
      ? {
          result: resultOf(dmarc.status.result),
          ...(dmarc.policy ? { policy: dmarc.policy } : {}),
          ...domainOf(dmarc.status.header?.from),
        }
      : { result: 'none' },
  };
}

function domainOf(domain: string | undefined | false): { domain?: string } {
  return domain ? { domain } : {};
}

const RESULTS: readonly AuthenticationResult[] = [
  'none',
  'pass',
  'fail',
  'softfail',
  'policy',
  'neutral',
  'temperror',
  'permerror',
];

function resultOf(result: string): AuthenticationResult {
  return RESULTS.find((known) => known === result) ?? 'permerror';
}

function nothingBut(result: AuthenticationResult): MailAuthentication {
  return { spf: { result }, dkim: [], dmarc: { result } };
}
