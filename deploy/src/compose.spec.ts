import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mistakesIn, unreadBy } from './command-line.js';

const COMPOSE = fileURLToPath(new URL('../../docker/compose.yaml', import.meta.url));
/** From compose-go 2.16.2; its licence is in the same folder. */
const SCHEMA = fileURLToPath(new URL('../vendor/compose-spec.json', import.meta.url));

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly container_name?: string;
  readonly profiles?: readonly string[];
}

const compose = parse(readFileSync(COMPOSE, 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const service = (name: string): Service => compose.services[name] ?? {};

/** Variables set by the images. */
const ofImages = {
  LOCKSTEP_HTTP: '0.0.0.0:8080',
  LOCKSTEP_GRPC: '0.0.0.0:5050',
  LOCKSTEP_PROBES: '127.0.0.1:8081',
  LOCKSTEP_OUT: '/runs',
  LOCKSTEP_SUPERVISED: 'true',
  LOCKSTEP_DEVICE: 'cpu',
};

describe('the compose file', () => {
  it('fits the Compose specification', () => {
    const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as AnySchemaObject;
    const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect(fits(compose) ? [] : fits.errors).toEqual([]);
  });

  it.each(['coordinator', 'worker'])(
    'passes the %s nothing that it would not take',
    async (name) => {
      const { command = [], environment } = service(name);
      expect(command[0]).toBe(name);
      expect(await mistakesIn(command, { ...ofImages, ...environment })).toEqual([]);
      expect(await unreadBy(name, environment ?? {})).toEqual([]);
    },
  );

  it('allows any number of workers', () => {
    expect(service('worker').container_name).toBeUndefined();
    expect(service('worker').ports).toBeUndefined();
  });

  it('keeps the queue and the runs, and evicts no job', () => {
    const redis = service('redis').command?.join(' ');
    expect(redis).toContain('--appendonly yes');
    expect(redis).toContain('--maxmemory-policy noeviction');
    expect(service('redis').volumes).toContain('redis:/data');
    expect(service('coordinator').volumes).toContain('runs:/runs');
  });

  it('encrypts all connections, and gives each process only its own credentials', () => {
    expect(service('redis').command?.join(' ')).toContain('--port 0 --tls-port 6379');
    for (const name of ['coordinator', 'worker']) {
      const { environment = {}, volumes } = service(name);
      expect(environment).not.toHaveProperty('LOCKSTEP_INSECURE');
      expect(environment['LOCKSTEP_REDIS']).toBe('rediss://lockstep@redis:6379');
      expect(volumes?.some((each) => each.startsWith(`${name}:/credentials`))).toBe(true);
    }
    const holders = Object.entries(compose.services).flatMap(([name, { volumes = [] }]) =>
      volumes.some((each) => each.startsWith('authority:')) ? [name] : [],
    );
    expect(holders).toEqual(['credentials']);
  });

  it('is reachable only from this machine, and monitors only on request', () => {
    const ports = Object.values(compose.services).flatMap((each) => each.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    for (const name of ['prometheus', 'grafana']) {
      expect(service(name).profiles).toEqual(['monitoring']);
    }
  });

  it('names the variables of the images as the Dockerfile sets them', () => {
    const dockerfile = readFileSync(
      fileURLToPath(new URL('../../docker/Dockerfile', import.meta.url)),
      'utf8',
    );
    for (const [name, value] of Object.entries(ofImages)) {
      const set = name === 'LOCKSTEP_DEVICE' ? '${DEVICE}' : value;
      expect(dockerfile).toContain(`${name}=${set}`);
    }
  });

  it('sets nothing in the images that the coordinator would not read', async () => {
    expect(await unreadBy('coordinator', ofImages)).toEqual([]);
    const typo = { LOCKSTEP_JION_TOKENS: 'x', LOCKSTEP_GRPC: 'y', LOCKSTEP_BACKEND: 'native' };
    expect(await unreadBy('coordinator', typo)).toEqual(['LOCKSTEP_JION_TOKENS']);
  });
});
