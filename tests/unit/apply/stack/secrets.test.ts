// Secrets and certificates: made once, kept, renewed in time, in files of their own.
import { beforeEach, describe, expect, it } from 'vitest';
import { pairFiles, servedFile, servedPair } from '../../../../main/model/stack/made-files.ts';
import { keyOf, paper } from '../../../fakes/fake-stack-crypto.ts';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

/** The stack of `first` stands. */
async function stand(): Promise<void> {
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
}

const secretFiles = (): readonly string[] =>
  world.folder.paths('lab').filter((path) => path.startsWith('secrets/'));

describe('secrets', () => {
  it('lie in files that only their owner reads', async () => {
    await stand();
    const password = world.secrets.kept.get('stack/lab/gitlab-root-password') ?? '';
    expect(password).toHaveLength(24);
    expect(world.folder.file('lab', 'secrets/gitlab-root-password')).toBe(password);
    expect(secretFiles().map((path) => [path, world.folder.modeOf('lab', path)])).toEqual(
      secretFiles().map((path) => [path, 0o600]),
    );
    expect(secretFiles()).toEqual(
      ['gitlab-root-password', 'oidc-digest', 'oidc-key', 'oidc-secret'].map((name) => `secrets/${name}`),
    );
  });

  it('are in no log, no word about the run, no argument, no journal and no file that others read', async () => {
    await stand();
    world.clock.pass(336 * 24 * 3_600_000);
    await world.up(first);
    const { execs } = world.compose;
    expect([world.logged.length > 0, world.told.size > 5, execs.length > 0]).toEqual([true, true, true]);
    const open = JSON.stringify([
      ...[world.logged, [...world.told], world.core().progress(), execs.map(({ command }) => command)],
      ...[world.faults.calls, world.journal.runs(), world.journal.standing(), await world.folder.read('lab')],
    ]);
    // What was set at GitLab is remembered among them, and is no secret.
    const kept = [...world.secrets.kept].filter(([name]) => !/^stack\/lab\/set-(?:email|hook)$/.test(name));
    const files = secretFiles().map((path) => [path, world.folder.file('lab', path) ?? ''] as const);
    expect([...kept, ...files].map(([name]) => name)).toEqual(
      expect.arrayContaining(['gitlab.token', 'stack/lab/ca-key-lab.home.arpa', 'secrets/oidc-digest']),
    );
    for (const [name, value] of [...kept, ...files])
      expect(open.includes(JSON.stringify(value).slice(1, -1)), name).toBe(false);
    expect(open).not.toContain('PRIVATE KEY');
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
  /** What Traefik is told to serve. */
  const served = (): { readonly certificate: string | null; readonly key: string | null } => {
    const fingerprint = servedPair(world.folder.file('lab', servedFile) ?? '') ?? 'none';
    const files = pairFiles(fingerprint);
    return {
      certificate: world.folder.file('lab', files.certificate),
      key: world.folder.file('lab', files.key),
    };
  };

  it('of the own authority keep its key in no file, and are renewed before they end', async () => {
    await stand();
    const files = world.folder.paths('lab').map((path) => world.folder.file('lab', path));
    const authority = world.secrets.kept.get('stack/lab/ca-key-lab.home.arpa') ?? '';
    expect(authority).toContain('PRIVATE KEY');
    const key = /"key":"([^"]*)"/.exec(authority)?.[1]?.replaceAll('\\n', '\n') ?? '';
    expect(files).not.toContain(key);
    const before = served();
    expect(before.certificate).not.toBeNull();
    // A third of 397 days.
    world.clock.pass(264 * day);
    await world.up(first);
    expect(served()).toEqual(before);
    world.clock.pass(day);
    await world.up(first);
    expect(served().certificate).not.toBe(before.certificate);
    expect(world.secrets.kept.get('stack/lab/ca-key-lab.home.arpa')).toBe(authority);
  });

  it('have a key that only its owner reads, that no reading of the folder shows, and that belongs to them', async () => {
    await stand();
    const { certificate, key } = served();
    expect(await world.crypto.matches(certificate ?? '', key ?? '')).toBe(true);
    const path = world.folder.paths('lab').find((one) => one.endsWith('/key.pem')) ?? '';
    expect(world.folder.modeOf('lab', path)).toBe(0o600);
    expect(JSON.stringify(await world.folder.read('lab'))).not.toContain('PRIVATE KEY');
  });

  it('are made anew for another name', async () => {
    await stand();
    const before = served();
    world.change = (stack) => ({
      ...stack,
      names: [...stack.names, { name: 'registry.lab.home.arpa', what: 'Registry', addresses: [] }],
    });
    await world.up(first);
    expect(served()).not.toEqual(before);
    expect(served().certificate).toContain('registry.lab.home.arpa');
  });

  it('are switched to without a restart of anything', async () => {
    await stand();
    world.clock.pass(300 * day);
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect([...world.compose.starts]).toEqual([
      ['traefik', 1],
      ['gitlab', 1],
    ]);
  });

  it('of a file that a person has changed are theirs until they say otherwise', async () => {
    await stand();
    world.folder.put('lab', servedFile, '# mine\n');
    const [key, next] = ['stack.file-changed', `--replace ${servedFile}`];
    const ended = await world.up(first);
    expect(ended).toMatchObject({ outcome: key, step: 'secrets' });
    expect(ended?.error?.next).toContain(next);
    await world.up(first, { ...benchWish, files: { [servedFile]: 'keep' } });
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', servedFile)).toBe('# mine\n');
    await world.up(first, { ...benchWish, files: { [servedFile]: 'replace' } });
    expect(served().certificate).not.toBeNull();
  });

  const own = benchAnswers({
    tls: { mode: 'own', certificate: '/etc/ssl/lab.pem', key: '/etc/ssl/lab.key' },
  });
  const begin = 1_800_000_000_000;
  const good = { names: ['*.lab.home.arpa'], from: begin - 30 * day, to: begin + 90 * day, serial: 7 };

  it('of a person are taken as they are when they fit', async () => {
    world.texts.set('/etc/ssl/lab.pem', paper(good)).set('/etc/ssl/lab.key', keyOf(7));
    expect(await world.up(own)).toMatchObject({ outcome: 'done' });
    expect(served()).toEqual({ certificate: paper(good), key: keyOf(7) });
    expect(world.folder.file('lab', 'ca.crt')).toBeNull();
    expect(world.home.gitlab?.ca).toBeNull();
  });

  it('of a person are served without the key that lies beside them in the same file', async () => {
    world.texts.set('/etc/ssl/lab.pem', `${keyOf(7)}${paper(good)}`).set('/etc/ssl/lab.key', keyOf(7));
    expect(await world.up(own)).toMatchObject({ outcome: 'done' });
    expect(served()).toEqual({ certificate: paper(good), key: keyOf(7) });
  });

  it('of a person whose root is in their file give it to everybody who asks GitLab', async () => {
    const text = paper({ ...good, chain: 'own' });
    world.texts.set('/etc/ssl/lab.pem', text).set('/etc/ssl/lab.key', keyOf(7));
    expect(await world.up(own)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'ca.crt')).toBe(text);
    expect(world.home.gitlab?.ca).toMatch(/\/ca\.crt$/);
    expect(world.journal.standing()?.answers.tls).toMatchObject({ ca: '/etc/ssl/lab.pem' });
  });

  it('of a person that need another root take the one that the answers name', async () => {
    const answers = benchAnswers({ tls: { ...own.tls, ca: '/etc/ssl/root.pem' } });
    world.texts
      .set('/etc/ssl/lab.pem', paper({ ...good, chain: 'the root' }))
      .set('/etc/ssl/lab.key', keyOf(7));
    const root = paper({ ...good, names: ['the root'] });
    world.texts.set('/etc/ssl/root.pem', `Our root:\n${root}`);
    expect(await world.up(answers)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'ca.crt')).toContain('the root');
  });

  it.each([
    ['own', { mode: 'own', certificate: '/etc/ssl/lab.pem', key: '/etc/ssl/lab.key' }, null],
    ['acme-http', { mode: 'acme-http', email: 'ana@example.net' }, 'lab.example.net'],
  ])(
    'put nothing but certificates where jobs and containers read the root, with %s',
    async (_, tls, domain) => {
      const server = domain === null ? {} : { server: 'https://ca.example.net/acme/directory' };
      const answers = benchAnswers({
        ...{ domain, tls: { ...tls, ...server, ca: '/etc/ssl/root.pem' } },
      });
      world.texts
        .set('/etc/ssl/lab.pem', paper({ ...good, names: ['*.lab.home.arpa'] }))
        .set('/etc/ssl/lab.key', keyOf(7));
      const root = paper({ ...good, names: ['the root'] });
      for (const text of [`${keyOf(1)}${root}`, `${root}${keyOf(1)}`]) {
        world.texts.set('/etc/ssl/root.pem', text);
        const ended = await world.up(answers);
        expect(ended).toMatchObject({ outcome: 'stack.certificate-format', step: 'secrets' });
        expect(ended?.error?.message).toContain('private key');
        expect(world.folder.file('lab', 'ca.crt') ?? '').not.toContain('PRIVATE KEY');
      }
      world.texts.set('/etc/ssl/root.pem', `notes\n${root}more notes`);
      await world.up(answers);
      expect(world.folder.file('lab', 'ca.crt')).toBe(root);
    },
  );

  it('of another root have those started anew that read it at their start alone', async () => {
    world.change = (stack) => ({
      ...stack,
      services: stack.services.map((one) => (one.name === 'gitlab' ? { ...one, readsRoot: true } : one)),
    });
    await stand();
    world.texts.set('/etc/ssl/lab.pem', paper({ ...good, chain: 'own' })).set('/etc/ssl/lab.key', keyOf(7));
    expect(await world.up(own)).toMatchObject({ outcome: 'done' });
    expect(world.compose.starts.get('gitlab')).toBe(2);
    await world.up(own);
    expect(world.compose.starts.get('gitlab')).toBe(2);
  });

  it.each([
    ['stack.certificate-dates', { ...good, to: begin - day }, 7],
    ['stack.certificate-names', { ...good, names: ['*.home.arpa'] }, 7],
    ['stack.certificate-key', good, 8],
    ['stack.certificate-untrusted', { ...good, chain: 'a root that nobody has' }, 7],
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
});
