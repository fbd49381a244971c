// What costs minutes is not done for nothing: GitLab and Authelia are made anew only where they have to read something else.
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../../main/model/stack/content-hash.ts';
import { bundledTemplates } from '../../fakes/stack-templates.ts';
import { fileOf, rendered } from './small-templates.ts';

const templates = bundledTemplates();
const domain = 'lab.example.org';
const email = 'ana@example.org';

describe("the trial at Let's Encrypt's staging authority", () => {
  it.each([
    ['acme-http port-80', { mode: 'acme-http', email }],
    ['acme-dns cloudflare', { mode: 'acme-dns', provider: 'cloudflare', email }],
  ])('by %s makes Traefik alone another container than the real one', (way, tls) => {
    const options = { registry: {}, mail: { host: 'mail.example.org', from: email } };
    const one = { templates, answers: { domain, tls, templates: options } };
    const trial = rendered(one);
    const real = rendered({ ...one, facts: { acmeProven: [`${way} ${domain}`] } });
    expect([trial.isTrial, real.isTrial]).toEqual([true, undefined]);
    const others = trial.services.filter(
      ({ name, hash }) => real.services.find((service) => service.name === name)?.hash !== hash,
    );
    expect(others.map(({ name }) => name)).toEqual(['traefik']);
  });
});

describe('a lab that is there', () => {
  // Whoever changes these has every lab start its GitLab or its Authelia anew: only where they really read something else.
  it.each([
    ['gitlab/gitlab.rb', {}, '259372d7bad7a550'],
    ['gitlab/gitlab.rb', { sso: 'off' }, '409011ec3ba439f4'],
    ['gitlab/gitlab.rb', { domain, tls: { mode: 'acme-http', email } }, 'bf24b0684767b952'],
    ['authelia/configuration.yml', {}, 'd159877fad373ff6'],
  ])('keeps its %s word for word with %j', (path, answers, digest) => {
    expect(hashOf(fileOf(rendered({ templates, answers }), path)).slice(0, 16)).toBe(digest);
  });
});
