// The real Traefik with the product's configuration gets certificates from the real pebble: by HTTP, by DNS, and not.
import { mkdtemp, stat } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLookOutside } from '../../main/adapters/dns/look-outside.ts';
import { createTryDnsToken } from '../../main/adapters/dns/try-token.ts';
import { acmeWay } from '../../main/model/stack/acme.ts';
import { acmeFailures, failureWords } from '../../main/model/stack/acme-log.ts';
import type { AcmeFailureKey } from '../../main/model/stack/acme-log.ts';
import { tlsSchema } from '../../main/model/stack/answers.ts';
import { caaCheck } from '../../main/plan/acme-findings.ts';
import type { RenderedStack } from '../../main/model/stack/stack.ts';
import { waitFor } from '../chaos/wait-for.ts';
import {
  acmeDomain,
  acmeStack,
  lookAt,
  openAcmeLab,
  refusingProxy,
  startAcmeTraefik,
  tell,
} from './acme-lab.ts';
import type { AcmeLab, AcmeTraefik, Authority, SeenCertificate, TraefikPlace } from './acme-lab.ts';
import { describeWithPeer, findKnot, findPebble } from './peers.ts';
import { startUpdateNameServer } from './update-name-server.ts';
import type { UpdateNameServer } from './update-name-server.ts';

const [pebble, knot] = [await findPebble(), await findKnot()];
const gitlab = `gitlab.${acmeDomain}`;
const patience = { timeout: 60_000, interval: 200 };

/** The root is not read by the renderer. */
const own = (directory: string) => ({ server: directory, ca: '/srv/root.pem' });

describeWithPeer('certificates by ACME', pebble, (programs) => {
  let lab: AcmeLab;
  beforeAll(async () => {
    lab = await openAcmeLab(programs());
  });
  afterAll(() => lab.stop());

  const folder = (): Promise<string> => mkdtemp(join(lab.folder, 'run-'));
  const start = async (stack: RenderedStack, place: Omit<TraefikPlace, 'lab'>): Promise<AcmeTraefik> => {
    const traefik = await startAcmeTraefik(programs().traefik, stack, { ...place, lab });
    onTestFinished(() => traefik.stop());
    return traefik;
  };
  const trusted = ({ port }: AcmeTraefik, roots: string, name = gitlab): Promise<SeenCertificate> =>
    waitFor(async () => {
      const seen = await lookAt(port, name, roots);
      expect(seen.isTrusted, seen.issuer).toBe(true);
      return seen;
    }, patience);
  /** What the product says of what Traefik has written. */
  const told = (
    traefik: AcmeTraefik,
    mode: 'acme-http' | 'acme-dns',
  ): Promise<{ key: AcmeFailureKey; message: string }> =>
    waitFor(async () => {
      const [failure] = acmeFailures(traefik.output());
      if (failure === undefined) throw new Error(traefik.output());
      return failureWords(failure, tlsOf(mode === 'acme-dns' ? { mode, provider: 'rfc2136' } : { mode }));
    }, patience);

  it('come by HTTP from the staging authority first, and then from the real one, each kept by itself', async () => {
    const [staging, real] = [await lab.authority(), await lab.authority()];
    const at = await folder();
    const tls = { mode: 'acme-http' } as const;
    const trial = acmeStack(tls);
    expect(trial.isTrial).toBe(true);
    const place = { at, ca: staging.ca, staging: staging.directory, real: real.directory };
    const first = await start(trial, place);
    const tried = await trusted(first, await staging.roots());
    expect(staging.output()).toMatch(/sign-me-up[^]*order-plz/);
    expect((await lookAt(first.port, gitlab, await real.roots())).isTrusted).toBe(false);
    expect(real.output(), 'the real one has been asked for nothing').not.toMatch(/sign-me-up|order-plz/);
    await first.stop();
    const way = acmeWay(tlsOf(tls), acmeDomain);
    const proven = acmeStack(tls, { acmeProven: [way] });
    expect(proven.isTrial).toBeUndefined();
    const second = await start(proven, place);
    const served = await trusted(second, await real.roots());
    expect(served.names).toBe(`DNS:${gitlab}`);
    expect(served.serial).not.toBe(tried.serial);
    expect((await stat(join(at, 'acme.json'))).mode & 0o777).toBe(0o600);
    await second.stop();
    // What is kept is served on, and not asked for again.
    const third = await start(proven, place);
    expect((await trusted(third, await real.roots())).serial).toBe(served.serial);
    await third.stop();
  });

  it('are renewed by Traefik itself before they end, while it runs', async () => {
    const authority = await lab.authority({ seconds: 1_170 });
    const traefik = await start(acmeStack({ mode: 'acme-http', ...own(authority.directory) }), {
      ...{ at: await folder(), ca: authority.ca, hours: 1 },
    });
    const roots = await authority.roots();
    const first = await trusted(traefik, roots);
    const second = await waitFor(
      async () => {
        const seen = await lookAt(traefik.port, gitlab, roots);
        expect(seen.serial).not.toBe(first.serial);
        return seen;
      },
      { timeout: 90_000, interval: 500 },
    );
    expect(second.isTrusted).toBe(true);
    expect(second.until).toBeGreaterThan(first.until);
  });

  describe('are refused', () => {
    let authority: Authority;
    beforeAll(async () => {
      authority = await lab.authority();
    });
    const leadTo = async (ip: string): Promise<void> => {
      await tell(lab, 'set-default-ipv4', { ip });
      onTestFinished(() => tell(lab, 'set-default-ipv4', { ip: '127.0.0.1' }));
    };

    it('where the name leads to a machine that does not answer', async () => {
      await leadTo('127.99.0.1');
      const traefik = await start(acmeStack({ mode: 'acme-http', ...own(authority.directory) }), {
        ...{ at: await folder(), ca: authority.ca },
      });
      expect(await told(traefik, 'acme-http')).toMatchObject({
        key: 'acme.not-reached',
        message: expect.stringContaining('does not reach port 80') as string,
      });
    });

    it('where the name leads nowhere', async () => {
      await leadTo('');
      const traefik = await start(acmeStack({ mode: 'acme-http', ...own(authority.directory) }), {
        ...{ at: await folder(), ca: authority.ca },
      });
      expect((await told(traefik, 'acme-http')).key).toBe('acme.name-unknown');
    });

    it.each([
      {
        ...{ type: 'rateLimited', status: 429, key: 'acme.limit-reached', words: 'has been asked too often' },
        detail:
          'too many failed authorizations (5) for "gitlab.lab.example.net" in the last 1h0m0s, retry after 2027-01-01 17:00:00 UTC',
      },
      {
        ...{ type: 'caa', status: 403, key: 'acme.caa', words: 'CAA record' },
        detail: 'CAA record for lab.example.net prevents issuance',
      },
    ])('by an authority that says $type', async ({ key, words, ...problem }) => {
      const proxy = await refusingProxy(lab, authority, problem);
      onTestFinished(() => proxy.stop());
      const traefik = await start(acmeStack({ mode: 'acme-http', ...own(proxy.directory) }), {
        ...{ at: await folder(), ca: authority.ca },
      });
      const failure = await told(traefik, 'acme-http');
      expect(failure.key).toBe(key);
      expect(failure.message).toContain(words);
      expect(failure.message).toContain(problem.detail);
    });

    it('where the root of the authority is another one', async () => {
      const traefik = await start(acmeStack({ mode: 'acme-http', ...own(authority.directory) }), {
        ...{ at: await folder(), ca: await authority.roots() },
      });
      expect((await told(traefik, 'acme-http')).key).toBe('acme.authority-untrusted');
    });
  });

  describeWithPeer('by updates of a name server (RFC 2136)', knot, (knotd) => {
    let server: UpdateNameServer;
    let authority: Authority;
    beforeAll(async () => {
      server = await startUpdateNameServer(knotd(), {
        folder: lab.folder,
        zone: acmeDomain,
        last: 81,
        records: [
          '@ IN CAA 0 issue "letsencrypt.org"',
          '@ IN CAA 0 issuewild ";"',
          'six IN AAAA 2001:db8::1',
        ],
      });
      authority = await lab.authority({ nameServer: server.address });
    });
    afterAll(() => server.stop());

    const optionsOf = (change: Readonly<Record<string, string>> = {}) => ({
      ...{ DNSUPDATE_NAMESERVER: server.address, DNSUPDATE_TSIG_KEY: server.key.name },
      ...{ DNSUPDATE_TSIG_ALGORITHM: server.key.algorithm, DNSUPDATE_SEQUENCE_INTERVAL: '1' },
      ...{ DNSUPDATE_POLLING_INTERVAL: '1', ...change },
    });
    const dnsStack = (options: Readonly<Record<string, string>>): RenderedStack =>
      acmeStack({ mode: 'acme-dns', provider: 'rfc2136', options, ...own(authority.directory) });

    it('come for the domain and all names below it, and leave no record behind', async () => {
      const options = optionsOf();
      const stack = dnsStack(options);
      const compose = stack.files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
      for (const [name, value] of Object.entries(options)) {
        expect(compose).toContain(name);
        expect(compose).toContain(value);
      }
      const traefik = await start(stack, {
        ...{ at: await folder(), ca: authority.ca },
        env: { ...options, DNSUPDATE_TSIG_SECRET: server.key.secret },
      });
      const seen = await trusted(traefik, await authority.roots());
      expect(seen.names.split(', ').toSorted()).toEqual([`DNS:*.${acmeDomain}`, `DNS:${acmeDomain}`]);
      await expect(records(server)).rejects.toMatchObject({ code: 'ENODATA' });
    });

    it('are refused with another secret, which the check finds before', async () => {
      const secret = Buffer.from('another secret altogether').toString('base64');
      const traefik = await start(dnsStack(optionsOf()), {
        ...{ at: await folder(), ca: authority.ca },
        env: { ...optionsOf(), DNSUPDATE_TSIG_SECRET: secret },
      });
      expect((await told(traefik, 'acme-dns')).key).toBe('acme.token-refused');
      const check = createTryDnsToken();
      const given = { ...optionsOf(), DNSUPDATE_TSIG_SECRET: secret };
      expect(await check('rfc2136', acmeDomain, given)).toMatchObject({ kind: 'wrong-token' });
    });

    it('are for a domain whose CAA records are seen before', async () => {
      const outside = createLookOutside({
        servers: [server.address],
        mirror: { server: server.address, name: gitlab },
      });
      const seen = await outside.domain(`below.${acmeDomain}`);
      expect(seen.zone).toBe(acmeDomain);
      expect(caaCheck(acmeDomain, seen, false).state).toBe('good');
      expect(caaCheck(acmeDomain, seen, true)).toMatchObject({
        state: 'bad',
        next: expect.stringContaining('issuewild') as string,
      });
      expect(await outside.name(`six.${acmeDomain}`)).toEqual({ addresses: [], addresses6: ['2001:db8::1'] });
      expect(await outside.ownAddress()).toBe('127.0.0.1');
      const silent = createLookOutside({ servers: ['127.53.0.250'], timeoutMs: 100 });
      expect(await silent.domain(acmeDomain)).toEqual({ zone: null, caa: null });
    });

    it('are checked before, without a trace', async () => {
      const check = createTryDnsToken();
      const given = { ...optionsOf(), DNSUPDATE_TSIG_SECRET: server.key.secret };
      expect(await check('rfc2136', acmeDomain, given)).toEqual({ kind: 'good', zone: acmeDomain });
      await expect(records(server)).rejects.toMatchObject({ code: 'ENODATA' });
      // The key may change one name alone; Knot says so in the words for a key that it does not know.
      expect(await check('rfc2136', `below.${acmeDomain}`, given)).toMatchObject({
        kind: 'wrong-token',
        said: expect.stringContaining('it may not change this name') as string,
      });
      expect(await check('rfc2136', 'example.com', given)).toMatchObject({ kind: 'no-zone' });
      const silent = { ...given, DNSUPDATE_NAMESERVER: '127.53.0.250' };
      expect(await check('rfc2136', acmeDomain, silent)).toMatchObject({ kind: 'unreachable' });
    });
  });
});

function tlsOf(tls: Readonly<Record<string, unknown>>) {
  const parsed = tlsSchema.parse({ email: 'ana@example.net', ...tls });
  if (parsed.mode !== 'acme-http' && parsed.mode !== 'acme-dns') throw new Error('not by ACME');
  return parsed;
}

function records({ address }: UpdateNameServer): Promise<string[][]> {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([address]);
  return resolver.resolveTxt(`_acme-challenge.${acmeDomain}`);
}
