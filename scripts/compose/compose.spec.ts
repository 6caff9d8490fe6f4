import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { findNatsServer } from '#libs/embedded-servers';
import { parseConfig } from '../../src/config/config.ts';
import { variables } from '../../src/config/variables.ts';

const home = join(import.meta.dirname, '../..');
const dotEnv = new Map([
  ['POSTGRES_PASSWORD', randomBytes(24).toString('hex')],
  ['MILLRACE_SECRET_KEY', randomBytes(32).toString('base64')],
]);

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      environment: z.record(z.string(), z.string()).default({}),
      deploy: z.object({ replicas: z.int() }).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
      volumes: z.array(z.string()).default([]),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

/** `${NAME:-default}` and `${NAME:?message}`, as compose fills them in from .env. */
function interpolate(text: string): string {
  return text.replace(/\$\{(\w+):([-?])([^}]*)\}/g, (_match, name: string, kind: string, rest: string) => {
    const value = dotEnv.get(name) ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name} is needed in .env`);
    return value;
  });
}

async function readCompose(): Promise<z.infer<typeof composeSchema>> {
  const text = await readFile(join(home, 'docker-compose.yml'), 'utf8');
  return composeSchema.parse(parse(interpolate(text), { merge: true, strict: true }));
}

describe('docker-compose.yml', () => {
  it('plays every role, the api and the worker twice, behind a proxy', async () => {
    const { services } = await readCompose();
    const roles = Object.entries(services)
      .filter(([, { image }]) => image === 'millrace')
      .map(([name, { environment, deploy }]) => [name, environment.MILLRACE_ROLES, deploy?.replicas ?? 1]);

    expect(roles).toEqual([
      ['api', 'api', 2],
      ['worker', 'worker', 2],
      ['projector', 'projector', 1],
      ['scheduler', 'scheduler', 1],
      ['mail', 'mail', 1],
    ]);
    expect(services.proxy?.depends_on).toEqual({ api: { condition: 'service_healthy' } });
  });

  it('gives every role a configuration that is accepted, with no name that would be ignored', async () => {
    const { services } = await readCompose();
    const roles = Object.values(services).filter(({ image }) => image === 'millrace');

    expect(roles).toHaveLength(5);
    for (const { environment } of roles) {
      expect(Object.keys(variables.shape)).toEqual(expect.arrayContaining(Object.keys(environment)));
      expect(parseConfig(environment)).toMatchObject({
        http: { host: '0.0.0.0', port: 3000 },
        nats: { kind: 'external', servers: ['nats://nats-1:4222', 'nats://nats-2:4222', 'nats://nats-3:4222'] },
        natsReplicas: 3,
        database: { kind: 'external' },
      });
    }
  });

  it('believes the proxy who calls, which only what is inside can be: no role publishes its port', async () => {
    const { services } = await readCompose();
    const { api, proxy, ...others } = services;
    expect(parseConfig(api?.environment ?? {}).http.trustedProxies).toContain('172.16.0.0/12');
    expect(proxy).toHaveProperty('ports');
    for (const service of [api, ...Object.values(others)]) expect(service).not.toHaveProperty('ports');
  });

  it('starts the roles when what they need is healthy', async () => {
    const { services } = await readCompose();
    const healthy = { condition: 'service_healthy' };

    for (const role of ['api', 'worker', 'projector', 'scheduler', 'mail']) {
      expect(services[role]?.depends_on).toEqual({
        'nats-1': healthy,
        'nats-2': healthy,
        'nats-3': healthy,
        postgres: healthy,
      });
    }
    for (const server of ['nats-1', 'nats-2', 'nats-3', 'postgres']) {
      expect(services[server]?.healthcheck?.test[0]).toBe('CMD');
    }
  });

  it('keeps what each server stores in a volume of its own', async () => {
    const { services, volumes } = await readCompose();
    const mounted = Object.values(services)
      .flatMap((service) => service.volumes)
      .map((volume) => volume.split(':')[0]!)
      .filter((source) => !source.startsWith('.'));

    expect(mounted).toEqual(['nats-1', 'nats-2', 'nats-3', 'postgres']);
    expect(Object.keys(volumes)).toEqual(mounted);
  });

  it('does not start without its secrets', async () => {
    const text = await readFile(join(home, 'docker-compose.yml'), 'utf8');
    expect([...text.matchAll(/\$\{(\w+):\?/g)].map((match) => match[1])).toEqual(
      expect.arrayContaining([...dotEnv.keys()]),
    );
  });

  it('has a NATS configuration that nats-server understands', async () => {
    const config = join(home, 'scripts/compose/nats.conf');
    const { stderr } = await promisify(execFile)(await findNatsServer(), ['-t', '-c', config], {
      env: { NATS_SERVER_NAME: 'nats-1' },
    });
    expect(stderr).toContain('is valid');
  });
});
