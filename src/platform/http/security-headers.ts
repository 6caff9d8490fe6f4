import helmet from '@fastify/helmet';
import fastify from 'fastify';

/** What answers may load in a browser, and who may frame them: they are data, not pages. */
const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** Of the bare answer that helmet is watched on; no concern of helmet's. */
const NOT_HELMETS = new Set(['content-type', 'content-length', 'date', 'connection']);

/**
 * The headers that helmet sets, by name. They are the same for every answer, so it is asked once: then they are also on
 * the answers for which no hook of Fastify runs, and cost each request little.
 */
export async function securityHeadersOf(publicUrl: string): Promise<Readonly<Record<string, string>>> {
  const probe = fastify();
  await probe.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
    // Browsers remember it for a year, so it is only said where TLS is; of other names of the domain nothing is said.
    strictTransportSecurity: publicUrl.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
  const { headers } = await probe.inject('/');
  await probe.close();
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !NOT_HELMETS.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
}
