// The requests about certificates on a whole core over fakes, with certificates that are real.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ShowPage } from '../../../../main/access-ports.ts';
import { readTextFile } from '../../../../main/adapters/host/read-text.ts';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';
import { pairFiles, servedFile, servedPair } from '../../../../main/model/stack/made-files.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';
import { someAuthority } from '../../../fakes/some-authority.ts';
import { bringUp, stackAnswers, useStackCores } from '../../../fakes/stack-core.ts';

/** A text with this in it. */
const saying = (part: string): unknown => expect.stringContaining(part);
/** A list with these in it. */
const having = (parts: readonly string[]): unknown => expect.arrayContaining([...parts]);

const answers = stackAnswers;
const cores = useStackCores();

let world: World;
let core: OpenLab;
let [shown, closed] = [0, 0];

async function open(): Promise<void> {
  world = cores.makeWorld();
  [shown, closed] = [0, 0];
  const showPage: ShowPage = async () => {
    shown += 1;
    return { port: 8899, close: async () => void (closed += 1) };
  };
  Object.assign(world.stack, { crypto: createCrypto(), readText: readTextFile, showPage });
  core = await cores.open(world);
}

const up = (given: Readonly<Record<string, unknown>> = answers) => bringUp(world, core, given);

function served(): X509Certificate {
  const files = pairFiles(servedPair(world.stack.folder.file('lab', servedFile) ?? '') ?? 'none');
  return new X509Certificate(world.stack.folder.file('lab', files.certificate) ?? '');
}

/** Certificate and key in files of their own. */
async function ownFiles(names: readonly string[]): Promise<{ certificate: string; key: string; ca: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-own-'));
  cores.ends.push(() => rm(folder, { recursive: true }));
  const made = await someAuthority(names);
  const at = {
    certificate: path.join(folder, 'lab.pem'),
    key: path.join(folder, 'lab.key'),
    ca: path.join(folder, 'ca.pem'),
  };
  await Promise.all([
    writeFile(at.certificate, made.certificate),
    writeFile(at.key, made.key),
    writeFile(at.ca, made.authority),
  ]);
  return at;
}

describe('certificate.list', () => {
  it('has nothing to say without a stack', async () => {
    await open();
    expect(await core.call('certificate.list', {})).toMatchObject({
      mode: null,
      certificates: [],
      sharing: null,
    });
  });

  it('shows what the own authority has signed, its root, and who renews them when', async () => {
    await open();
    await up();
    const { mode, certificates, sentence } = await core.call('certificate.list', {});
    expect(mode).toBe('local-ca');
    expect(certificates.map(({ role }) => role)).toEqual(['served', 'root']);
    const [leaf, root] = certificates;
    expect(leaf).toMatchObject({
      ...{ fingerprint: served().fingerprint256, key: 'EC P-256', issuer: root?.subject },
      names: having(['gitlab.lab.home.arpa', '192.168.1.10']),
      renewal: saying('AutoGit renews it by itself from'),
    });
    expect(sentence).toContain("a certificate of the lab's own authority until");
  });
});

describe('the certificate of the own authority', () => {
  it('is trusted for the address of the machine, too, and for another one once that has changed', async () => {
    await open();
    await up();
    expect(served().checkIP('192.168.1.10')).toBe('192.168.1.10');
    const before = await core.call('certificate.root', {});
    await up({ ...answers, address: '192.168.1.20' });
    expect(served().checkIP('192.168.1.20')).toBe('192.168.1.20');
    expect(served().checkIP('192.168.1.10')).toBeUndefined();
    expect((await core.call('certificate.root', {})).fingerprint).toBe(before.fingerprint);
  });
});

describe('certificate.renew', () => {
  it('has another certificate served at once, by the same root, and restarts nothing', async () => {
    await open();
    await up();
    const [before, root, starts] = [
      served(),
      await core.call('certificate.root', {}),
      world.stack.compose.all(),
    ];
    const { message } = await core.call('certificate.renew', {});
    expect(message).toContain('serves another certificate now');
    expect(served().fingerprint256).not.toBe(before.fingerprint256);
    expect((await core.call('certificate.root', {})).fingerprint).toBe(root.fingerprint);
    expect(world.stack.compose.all()).toEqual(starts);
    const audit = await core.call('audit.list', {});
    expect(audit.map(({ request, outcome }) => `${request} ${outcome}`)).toContain('certificate.renew done');
  });

  it('only says what it would do with --dry-run', async () => {
    await open();
    await up();
    const before = served().fingerprint256;
    expect(await core.call('certificate.renew', { dryRun: true })).toMatchObject({
      ...{ dryRun: true, actions: [{ kind: 'renew-certificate', target: 'lab lab' }] },
    });
    expect(served().fingerprint256).toBe(before);
  });

  it('reads the files of a person again, and serves on what is there when they are wrong', async () => {
    await open();
    const names = ['gitlab.lab.home.arpa'];
    const at = await ownFiles(names);
    const tls = { mode: 'own', certificate: at.certificate, key: at.key, ca: at.ca };
    Object.assign(world.clock, { now: () => Date.now() + 60_000 });
    await up({ ...answers, tls });
    const before = served().fingerprint256;
    expect((await core.call('certificate.renew', {})).message).toContain('served already');
    await writeFile(at.key, 'nothing');
    await expect(core.call('certificate.renew', {})).rejects.toMatchObject({
      key: 'stack.certificate-invalid',
    });
    expect(served().fingerprint256).toBe(before);
  });

  it('needs a stack', async () => {
    await open();
    await expect(core.call('certificate.renew', {})).rejects.toMatchObject({ key: 'stack.none' });
  });
});

describe('certificate.check', () => {
  it('finds nothing wrong with the own authority of a stack that is up', async () => {
    await open();
    await up();
    const { good, checks } = await core.call('certificate.check', {});
    expect(checks.filter(({ state }) => state !== 'good').map(({ key }) => key)).toEqual([
      'certificate.served',
    ]);
    expect(good).toBe(true);
    expect(checks.map(({ key }) => key)).toEqual([
      ...['certificate.root', 'certificate.root-limits', 'certificate.root-key', 'certificate.names'],
      ...['certificate.dates', 'certificate.served'],
    ]);
  });

  it('says it when Traefik serves another one than it was told to', async () => {
    await open();
    await up();
    const seen = {
      subject: 'TRAEFIK DEFAULT CERT',
      issuer: 'TRAEFIK DEFAULT CERT',
      names: [],
      from: 0,
      to: 9e15,
      fingerprint: 'AA',
      key: 'RSA 2048',
    };
    const door = { url: '', status: 404, location: null, cookies: [], body: '', clockAheadMs: null };
    const told = await core.call('certificate.check', {});
    expect(told.checks.at(-1)?.state).toBe('unknown');
    await cores.end();
    Object.assign(world.stack, { lookAtDoor: async () => ({ ...door, certificate: seen }) });
    core = await cores.open(world);
    expect((await core.call('certificate.check', {})).checks.at(-1)).toMatchObject({
      ...{
        key: 'certificate.served',
        state: 'bad',
        message: saying('TRAEFIK DEFAULT CERT'),
      },
    });
  });

  it('judges contents that the wizard has, for a domain of a stack that is not there yet', async () => {
    await open();
    const { certificate, key } = await someAuthority(['gitlab.lab.example.org']);
    const tls = { mode: 'own', certificate: '', key: '' } as const;
    Object.assign(world.clock, { now: () => Date.now() + 60_000 });
    const ask = (pasted: { certificate: string; key: string }) =>
      core.call('certificate.check', { tls, domain: 'lab.example.org', pasted });
    const first = await ask({ certificate, key });
    const by = Object.fromEntries(first.checks.map((check) => [check.key, check.state]));
    expect(by).toMatchObject({
      'certificate.key-fits': 'good',
      'certificate.names': 'warning',
      'certificate.chain': 'bad',
    });
    const second = await ask({ certificate: key, key: certificate });
    expect(second).toMatchObject({
      good: false,
      checks: [{ state: 'bad' }, { state: 'bad' }, { state: 'unknown' }, {}, {}, {}],
    });
  });

  it('takes way and domain from a file of answers, and says what is wrong with one', async () => {
    await open();
    const answers = (certificate: string): string =>
      `lab: casa\ndata: /srv/casa\ntls: { mode: own, certificate: ${certificate}, key: /y }\n`;
    const { good, checks } = await core.call('certificate.check', { text: answers('/nowhere.pem') });
    expect(good).toBe(false);
    expect(checks.map(({ message }) => message).join(' ')).toContain('/nowhere.pem');
    await expect(core.call('certificate.check', { text: answers('[]') })).rejects.toMatchObject({
      key: expect.stringMatching(/^stack\./) as unknown,
      message: expect.stringContaining('tls') as unknown,
    });
  });

  it('asks for a domain where nobody can know it, and for a way where there is no stack', async () => {
    await open();
    const tls = { mode: 'own', certificate: '/x', key: '/y' } as const;
    await expect(core.call('certificate.check', { tls })).rejects.toMatchObject({
      key: 'stack.certificate-domain',
    });
    await expect(core.call('certificate.check', {})).rejects.toMatchObject({ key: 'stack.none' });
  });
});

describe('certificate.root', () => {
  it('has the root and a guide for each kind of device', async () => {
    await open();
    expect(await core.call('certificate.root', {})).toEqual({ root: null, fingerprint: null, guides: [] });
    await up();
    const { root, fingerprint, guides } = await core.call('certificate.root', {});
    expect(new X509Certificate(root ?? '').fingerprint256).toBe(fingerprint);
    expect(guides).toHaveLength(6);
  });
});

describe('certificate.share', () => {
  it('shows the page for as long as was asked, and ends it by itself', async () => {
    await open();
    await up();
    const { url, until, qr } = await core.call('certificate.share', { minutes: 10 });
    expect(url).toBe('http://192.168.1.10:8899/');
    expect(qr.length).toBeGreaterThan(0);
    expect((await core.call('certificate.list', {})).sharing).toMatchObject({ url, until });
    await world.clock.advance(10 * 60_000);
    expect((await core.call('certificate.list', {})).sharing).toBeNull();
  });

  it('ends when somebody says so, when another takes its place, and when the core ends', async () => {
    await open();
    await up();
    await core.call('certificate.share', {});
    await core.call('certificate.share', {});
    expect([shown, closed]).toEqual([2, 1]);
    await core.call('certificate.share', { minutes: 0 });
    expect((await core.call('certificate.list', {})).sharing).toBeNull();
    expect(closed).toBe(2);
    await core.call('certificate.share', {});
    await cores.end();
    expect([shown, closed]).toEqual([3, 3]);
  });

  it('shows nothing with --dry-run', async () => {
    await open();
    await up();
    expect(await core.call('certificate.share', { dryRun: true })).toMatchObject({ url: null, qr: [] });
    expect(shown).toBe(0);
  });

  it('is refused where there is no root, and at an address of the internet', async () => {
    await open();
    await expect(core.call('certificate.share', {})).rejects.toMatchObject({ key: 'stack.none' });
    await up({ ...answers, address: '203.0.113.7' });
    await expect(core.call('certificate.share', {})).rejects.toMatchObject({
      key: 'trust.share-public',
    });
    expect((await core.call('certificate.list', {})).sharing).toBeNull();
  });
});
