// Showing, verifying and publishing a lab's names.
import { beforeEach, describe, expect, it } from 'vitest';
import { namesRequests } from '../../../main/contract/requests/names.ts';
import { publishNames, showNames, verifyNames } from '../../../main/coordinator/names-requests.ts';
import type { NamesContext } from '../../../main/coordinator/names-requests.ts';
import type { StackAnswers } from '../../../main/model/stack/answers.ts';
import type { RenderedStack, StackFacts } from '../../../main/model/stack/stack.ts';
import type { SshAnswer } from '../../../main/stack-ports.ts';
import { memorySecrets } from '../../fakes/fake-context.ts';
import { FakeDnsProvider, FakeResolver } from '../../fakes/fake-stack-names.ts';
import { someAnswers, someStack } from '../../fakes/some-stack.ts';

const name = 'gitlab.lab.home.arpa';
const lan = '192.168.1.10';
const facts: StackFacts = {
  ...{ memoryBytes: null, threads: null, address: lan, address6: null, timezone: null, subnets: [] },
  ...{ resolvers: ['192.168.1.1'], engine: null, compose: null, uid: null, gid: null },
};

let resolver: FakeResolver;
let provider: FakeDnsProvider;
let stack: RenderedStack | null;
let inside: { readonly code: number; readonly stdout: string };
let ssh: SshAnswer;
let connected: { readonly zone: string; readonly credentials: Readonly<Record<string, string>> }[];
const secrets = memorySecrets({
  'stack/lab/acme-cf-dns-api-token': 'token-of-cloudflare\n',
  'stack/lab/acme-aws-credentials': '[default]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n',
});

beforeEach(() => {
  resolver = new FakeResolver();
  resolver.answers.set(`${name} A`, [lan]);
  provider = new FakeDnsProvider();
  stack = someStack;
  inside = { code: 0, stdout: '172.30.0.2      STREAM gitlab.lab.home.arpa\n172.30.0.2      DGRAM\n' };
  ssh = { banner: 'SSH-2.0-OpenSSH_9.6', why: null, keys: [] };
  connected = [];
});

const context = (): NamesContext => ({
  stack: () => Promise.resolve(stack === null ? null : { rendered: stack, facts }),
  project: ({ project }) => Promise.resolve({ name: project, folder: '/x', engine: 'unix:///x' }),
  compose: { exec: () => Promise.resolve({ ...inside, stderr: '' }) },
  resolver,
  connectDnsProvider: (_provider, zone, credentials) => {
    connected.push({ zone, credentials });
    return provider;
  },
  lookAtSsh: () => Promise.resolve(ssh),
  secrets,
});
const verify = (input: { server?: string } = {}) =>
  verifyNames(namesRequests['names.verify'].input.parse(input), context());
const publish = (input: Record<string, unknown> = {}) =>
  publishNames(namesRequests['names.publish'].input.parse(input), context());
const withDns = (dns: StackAnswers['dns'], domain = 'lab.home.arpa'): RenderedStack => ({
  ...someStack,
  domain,
  answers: { ...someAnswers, dns },
});
const atCloudflare = (): RenderedStack =>
  withDns({ mode: 'provider', provider: 'cloudflare', zone: 'home.arpa' });

describe('names that are shown', () => {
  it('are those of the stack, with its own name server', async () => {
    const shown = await showNames({}, context());
    expect(shown.rows).toEqual([{ name, type: 'A', value: lan, what: 'GitLab' }]);
    expect(shown.server).toEqual({ address: lan, port: 53 });
    expect(shown.snippets.length).toBeGreaterThan(5);
  });

  it('are one form alone when that is asked for, without a name server where the lab has none', async () => {
    stack = withDns({ mode: 'own' });
    const shown = await showNames({ form: 'dnsmasq' }, context());
    expect(shown.server).toBeNull();
    expect(shown.snippets.map(({ text }) => text)).toEqual([
      'address=/lab.home.arpa/192.168.1.10\nlocal=/lab.home.arpa/\n',
    ]);
  });

  it('are none where there is no stack', async () => {
    stack = null;
    await expect(showNames({}, context())).rejects.toMatchObject({ key: 'names.no-stack' });
  });
});

describe('names that are verified', () => {
  it('are right when everybody tells them, inside by the proxy itself', async () => {
    const verified = await verify();
    expect(verified.healthy).toBe(true);
    expect(verified.views.map(({ from, who }) => `${from} ${who}`)).toEqual([
      ...['machine ', 'lab 192.168.1.10', 'network 192.168.1.1', 'container gitlab'],
    ]);
    expect(verified.ssh.banner).toBe('SSH-2.0-OpenSSH_9.6');
  });

  it('are asked of another name server, too', async () => {
    resolver.answers.set(`${name} A @9.9.9.9`, []);
    const verified = await verify({ server: '9.9.9.9' });
    expect(verified.findings).toMatchObject([{ key: 'names.missing', subject: 'the name server 9.9.9.9' }]);
  });

  it('are only known here when the router knows nothing', async () => {
    resolver.answers.set(`${name} A @192.168.1.1`, []);
    const verified = await verify();
    expect(verified.healthy).toBe(false);
    expect(verified.findings.map(({ key }) => key)).toEqual(['names.only-here', 'names.missing']);
    expect(verified.sentence).toContain('do not find lab.home.arpa');
  });

  it('are a finding with its reason when a name server is silent, and the rest is told', async () => {
    resolver.silent.add(lan);
    const verified = await verify();
    expect(verified.findings).toMatchObject([{ key: 'names.no-answer', severity: 'error' }]);
    expect(verified.findings[0]?.message).toContain('does not answer');
  });

  it('are lost inside when no container answers for them, and nothing is said where none runs', async () => {
    inside = { code: 2, stdout: '' };
    expect((await verify()).findings).toMatchObject([
      { key: 'names.missing', subject: 'a container of the stack (gitlab)' },
    ]);
    inside = { code: 1, stdout: '' };
    expect((await verify()).views.map(({ from }) => from)).not.toContain('container');
  });

  it('say that git over SSH is closed', async () => {
    ssh = { banner: null, why: 'connect ECONNREFUSED', keys: [] };
    expect((await verify()).findings).toMatchObject([
      { key: 'names.ssh-closed', message: expect.stringContaining('ECONNREFUSED') as string },
    ]);
  });

  it('may be hidden by the router when the provider has them', async () => {
    stack = atCloudflare();
    provider.kept = [{ name, type: 'A', value: lan, ttl: 300 }];
    resolver.answers.set(`${name} A @192.168.1.1`, []);
    const verified = await verify();
    expect(verified.findings.map(({ key }) => key)).toContain('names.cached');
  });
});

describe('names that are published', () => {
  it('are only told about without --yes', async () => {
    stack = atCloudflare();
    const told = await publish();
    expect(told).toMatchObject({ dryRun: true, records: [{ change: 'create', name, to: lan }] });
    expect(provider.kept).toEqual([]);
    expect(connected[0]).toEqual({
      zone: 'home.arpa',
      credentials: { CF_DNS_API_TOKEN: 'token-of-cloudflare' },
    });
  });

  it('are made with --yes, and changed where they lead elsewhere, and then there is nothing more to do', async () => {
    stack = atCloudflare();
    provider.kept = [{ name, type: 'A', value: '10.0.0.1', ttl: 60 }];
    expect(await publish({ yes: true })).toMatchObject({ dryRun: false, records: [{ change: 'update' }] });
    expect(provider.kept).toEqual([{ name, type: 'A', value: lan, ttl: 300 }]);
    expect((await publish({ yes: true })).message).toContain('as it should be');
  });

  it('are read back: a provider that does not keep them is not believed', async () => {
    stack = atCloudflare();
    provider.put = () => Promise.resolve();
    await expect(publish({ yes: true })).rejects.toMatchObject({ key: 'names.not-kept' });
  });

  it('go to the provider that is named, with its own credentials', async () => {
    await publish({ provider: 'route53', zone: 'Home.arpa.' });
    expect(connected).toEqual([
      { zone: 'home.arpa', credentials: { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' } },
    ]);
  });

  it('are refused without a provider, outside its zone, and without credentials', async () => {
    await expect(publish()).rejects.toMatchObject({ key: 'names.no-provider' });
    const outside = publish({ provider: 'cloudflare', zone: 'example.org' });
    await expect(outside).rejects.toMatchObject({ key: 'names.outside-zone' });
    stack = { ...atCloudflare(), lab: 'other' };
    await expect(publish()).rejects.toMatchObject({
      key: 'names.credentials-missing',
      next: expect.stringContaining('acme-cf-dns-api-token') as string,
    });
  });
});
