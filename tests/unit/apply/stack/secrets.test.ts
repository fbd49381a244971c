// Secrets and certificates: made once, kept, renewed in time, in files of their own.
import { beforeEach, describe, expect, it } from 'vitest';
import { keyOf, paper } from '../../../fakes/fake-stack-crypto.ts';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

/** The stack of `first` stands. */
async function stand(): Promise<void> {
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
}

describe('secrets', () => {
  it('lie in files that only their owner reads, and nowhere else', async () => {
    await stand();
    const password = world.secrets.kept.get('stack/lab/gitlab-root-password') ?? '';
    expect(password).toHaveLength(24);
    expect(world.folder.file('lab', 'secrets/gitlab-root-password')).toBe(password);
    const secretFiles = world.folder.paths('lab').filter((path) => path.startsWith('secrets/'));
    expect(secretFiles.map((path) => [path, world.folder.modeOf('lab', path)])).toEqual(
      secretFiles.map((path) => [path, 0o600]),
    );
    expect(secretFiles).toEqual(
      ['gitlab-root-password', 'oidc-digest', 'oidc-key', 'oidc-secret', 'tls-key'].map(
        (name) => `secrets/${name}`,
      ),
    );
    expect(world.faults.calls.join('\n')).not.toContain(password);
    expect(JSON.stringify(world.journal.runs())).not.toContain(password);
  });

  it('whose file is gone are written again, the same', async () => {
    await stand();
    const before = world.folder.file('lab', 'secrets/oidc-key');
    world.folder.put('lab', 'secrets/oidc-key', null);
    await world.up(first);
    expect(world.folder.file('lab', 'secrets/oidc-key')).toBe(before);
  });

  it('that digest another follow it, and only it', async () => {
    await stand();
    const before = world.folder.file('lab', 'secrets/oidc-digest');
    await world.up(first);
    expect(world.folder.file('lab', 'secrets/oidc-digest')).toBe(before);
    await world.secrets.set('stack/lab/oidc-secret', 'another that a person has chosen');
    await world.up(first);
    expect(world.folder.file('lab', 'secrets/oidc-digest')).not.toBe(before);
  });
});

describe('secrets of a lab that gets another name', () => {
  const names = ['gitlab-root-password', 'oidc-key', 'oidc-secret', 'oidc-digest'];
  const of = (lab: string): readonly unknown[] =>
    names.map((name) => world.secrets.kept.get(`stack/${lab}/${name}`));

  it('go on with its data', async () => {
    await stand();
    const before = of('lab');
    expect(await world.up(benchAnswers({ lab: 'other' }))).toMatchObject({ outcome: 'done' });
    expect(of('other')).toEqual(before);
    expect(world.folder.file('other', 'secrets/gitlab-root-password')).toBe(before[0]);
  });

  it('go on also where it had not come up whole', async () => {
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    await world.up(first);
    world.compose.behaviour.clear();
    expect(await world.up(benchAnswers({ lab: 'other' }))).toMatchObject({ outcome: 'done' });
    expect(of('other')).toEqual(of('lab'));
  });

  it('are made anew for other data', async () => {
    await stand();
    await world.up(benchAnswers({ lab: 'other', data: '/srv/other' }));
    expect(of('other')[0]).toHaveLength(24);
    expect(of('other')[0]).not.toBe(of('lab')[0]);
  });
});

describe('certificates', () => {
  const day = 24 * 3_600_000;

  it('of the own authority keep its key in no file, and are renewed before they end', async () => {
    await stand();
    const files = world.folder.paths('lab').map((path) => world.folder.file('lab', path));
    const authority = world.secrets.kept.get('stack/lab/ca-key') ?? '';
    expect(authority).toContain('PRIVATE KEY');
    const key = /"key":"([^"]*)"/.exec(authority)?.[1]?.replaceAll('\\n', '\n') ?? '';
    expect(files).not.toContain(key);
    const before = world.folder.file('lab', 'tls/certificate.pem');
    world.clock.pass(366 * day);
    await world.up(first);
    expect(world.folder.file('lab', 'tls/certificate.pem')).toBe(before);
    world.clock.pass(2 * day);
    await world.up(first);
    expect(world.folder.file('lab', 'tls/certificate.pem')).not.toBe(before);
    expect(world.secrets.kept.get('stack/lab/ca-key')).toBe(authority);
  });

  it('are made anew for another name', async () => {
    await stand();
    const before = world.folder.file('lab', 'tls/certificate.pem');
    world.change = (stack) => ({
      ...stack,
      names: [...stack.names, { name: 'registry.lab.home.arpa', what: 'Registry', addresses: [] }],
    });
    await world.up(first);
    expect(world.folder.file('lab', 'tls/certificate.pem')).not.toBe(before);
    expect(world.folder.file('lab', 'tls/certificate.pem')).toContain('registry.lab.home.arpa');
  });

  const own = benchAnswers({
    tls: { mode: 'own', certificate: '/etc/ssl/lab.pem', key: '/etc/ssl/lab.key' },
  });
  const good = { names: ['*.lab.home.arpa'], from: 0, to: 1_800_000_000_000 + 90 * day, serial: 7 };

  it('of a person are taken as they are when they fit', async () => {
    world.texts.set('/etc/ssl/lab.pem', paper(good)).set('/etc/ssl/lab.key', keyOf(7));
    expect(await world.up(own)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'tls/certificate.pem')).toBe(paper(good));
    expect(world.folder.file('lab', 'secrets/tls-key')).toBe(keyOf(7));
    expect(world.folder.file('lab', 'ca.crt')).toBeNull();
    expect(world.home.gitlab?.ca).toBeNull();
  });

  it.each([
    ['stack.certificate-dates', { ...good, to: 1_700_000_000_000 }, 7],
    ['stack.certificate-names', { ...good, names: ['*.home.arpa'] }, 7],
    ['stack.certificate-key', good, 8],
  ])('of a person are refused with %s', async (key, content, serial) => {
    world.texts.set('/etc/ssl/lab.pem', paper(content)).set('/etc/ssl/lab.key', keyOf(serial));
    expect(await world.up(own)).toMatchObject({ outcome: key, step: 'secrets' });
  });

  it('of a person that cannot be read are named', async () => {
    const ended = await world.up(own);
    expect(ended?.outcome).toBe('stack.certificate-unreadable');
    expect(ended?.error?.message).toContain('/etc/ssl/lab.pem');
  });
});

describe('who has read a secret', () => {
  it('is started anew when that is another one, and nobody else is', async () => {
    await stand();
    await world.secrets.set('stack/lab/gitlab-root-password', 'chosen by a person');
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'secrets/gitlab-root-password')).toBe('chosen by a person');
    expect([...world.compose.starts]).toEqual([
      ['traefik', 1],
      ['gitlab', 2],
    ]);
  });

  it('is started anew when its certificate was renewed, also for the same key', async () => {
    await stand();
    world.clock.pass(368 * 24 * 3_600_000);
    await world.up(first);
    expect(world.compose.starts.get('traefik')).toBe(2);
    expect(world.compose.starts.get('gitlab')).toBe(1);
  });
});
