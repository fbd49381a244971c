// Where Authelia keeps who is signed in: in its memory, or in a Redis of its own, which is there only when asked for.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bundledTemplates } from '../../fakes/stack-templates.ts';
import { fileOf, rendered } from './small-templates.ts';

const templates = bundledTemplates();
const stackWith = (sessions: string, more: Readonly<Record<string, unknown>> = {}) =>
  rendered({ templates, answers: { templates: { authelia: { sessions } }, ...more } });
const [memory, redis] = [stackWith('memory'), stackWith('redis')];

describe('sessions of Authelia', () => {
  it('are in its memory where nobody asks for more: nothing of Redis is there', () => {
    expect(rendered({ templates })).toEqual(memory);
    const { services, images, secrets, folders, files } = memory;
    const words = [
      ...services.map(({ name }) => name),
      ...images.map(({ reference }) => reference),
      ...secrets.map(({ name }) => name),
      ...folders.map(({ path }) => path),
      ...files.map(({ path }) => path),
      fileOf(memory, 'authelia/configuration.yml'),
      fileOf(memory, 'compose.yaml'),
    ];
    expect(words.filter((one) => /redis/i.test(one))).toEqual([]);
  });

  it('are in Redis when asked for: with a service, an image, a secret and a folder of its own', () => {
    const own = redis.services.find(({ name }) => name === 'authelia-redis');
    expect(own?.image).toMatch(/^redis:8\.[\d.]+-alpine@sha256:/);
    expect(own?.secrets).toEqual(['authelia-redis-password']);
    expect(redis.images.flatMap(({ services }) => services)).toContain('authelia-redis');
    expect(redis.secrets.find(({ name }) => name === 'authelia-redis-password')?.kind).toBe('random');
    expect(redis.folders.map(({ path }) => path)).toContain(`${redis.answers.data}/authelia-redis`);
    expect(redis.ports).toEqual(memory.ports);
    expect(parse(fileOf(redis, 'authelia/configuration.yml'))).toMatchObject({
      session: { redis: { host: 'authelia-redis', port: 6379 } },
    });
  });

  it('make nothing but Authelia another container', () => {
    const others = memory.services.filter(
      ({ name, hash }) => redis.services.find((service) => service.name === name)?.hash !== hash,
    );
    expect(others.map(({ name }) => name)).toEqual(['authelia']);
  });

  it('stay when Authelia has to read something else: that is no change of Redis', () => {
    const hashOf = (stack: typeof redis) =>
      stack.services.find(({ name }) => name === 'authelia-redis')?.hash;
    const other = stackWith('redis', { admin: { username: 'somebody' }, domain: 'lab.example.org' });
    expect(hashOf(other)).toBe(hashOf(redis));
  });

  it('are not in Redis without Authelia', () => {
    const off = stackWith('redis', { sso: 'off' });
    expect(off.services.map(({ name }) => name)).not.toContain('authelia-redis');
  });
});
