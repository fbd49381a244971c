// Answers that never served leave no trace: the lab is the one that stands.
import { beforeEach, describe, expect, it } from 'vitest';
import { rootFile, servedFile } from '../../../../main/model/stack/made-files.ts';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });
const other = benchAnswers({ lab: 'other' });
const full = stackFailure('stack.no-space', 'Full.');

let world: StackWorld;
beforeEach(async () => {
  world = new StackWorld();
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
});

describe('the answers of the lab', () => {
  it.each([
    ['fail in the folders', second, 'folder.makeData'],
    ['fail in the secrets', second, 'folder.write secrets/'],
    ['of another lab fail in the secrets', other, 'folder.write secrets/'],
    ['of another lab fail in the files', other, 'compose.check'],
  ] as const)('are those that stand, where others %s', async (_what, answers, call) => {
    world.faults.fail(call, full, 1);
    expect(await world.up(answers)).toMatchObject({ outcome: 'stack.no-space' });
    expect(world.journal.current()).toEqual(world.journal.standing()?.answers);
    expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
    expect(world.journal.current()).toMatchObject({ lab: answers.lab });
    expect(world.compose.all(`autogit-${answers.lab}`)).toHaveLength(2);
    expect(world.compose.all()).toHaveLength(2);
  });

  it('are those that stand, also where their files cannot be put back', async () => {
    world.faults.fail('compose.check', full, 1);
    world.faults.before('folder.previous', () => world.faults.fail('folder.write gitlab', full, 1));
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.no-space' });
    expect(world.journal.current()).toMatchObject({ policy: { sessionDays: 7 } });
  });

  it('are the new ones from the first start on', async () => {
    world.gitlab.stubborn.add('session_expire_delay');
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.policy-not-kept' });
    expect(world.journal.current()).toMatchObject({ policy: { sessionDays: 3 } });
  });

  it('are the new ones where these were started, and nobody could start the others again', async () => {
    world.faults.fail('compose.up', stackFailure('compose.failed'), 2);
    expect(await world.up(second)).toMatchObject({ outcome: 'compose.failed' });
    expect(world.journal.current()).toMatchObject({ policy: { sessionDays: 3 } });
  });

  it('of a first stack are those it was begun with, however it fails', async () => {
    world = new StackWorld();
    world.faults.fail('folder.makeData', full, 1);
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.no-space' });
    expect(world.journal.current()).toMatchObject({ policy: { sessionDays: 3 } });
  });
});

describe('the stack that stood', () => {
  const path = 'gitlab/gitlab.rb';
  const replace = { files: { [path]: 'replace' }, services: [], deleteData: false } as const;
  /** Traefik does not come up until the way back. */
  const failOnce = (): void => {
    world.compose.behaviour.set('traefik', { health: 'unhealthy' });
    world.faults.before('folder.previous', () => world.compose.behaviour.clear());
  };
  const starts = (): number => world.compose.starts.get('gitlab') ?? 0;

  it('is said to go on where it was never touched, and not that it serves again', async () => {
    world.faults.fail('compose.check', full, 1);
    expect(await world.up(second)).toMatchObject({
      ...{ outcome: 'rolled-back', message: 'The stack that stood before serves on as it did. Full.' },
    });
  });

  it('reads its own file again where only that was another', async () => {
    world.folder.put('lab', path, 'mine\n');
    failOnce();
    const before = starts();
    expect(await world.up(benchAnswers({ ports: { https: 8443 } }), replace)).toMatchObject({
      outcome: 'rolled-back',
    });
    expect(world.folder.file('lab', path)).toBe('mine\n');
    expect(starts()).toBe(before + 2);
    await world.up(first, { ...replace, files: { [path]: 'keep' } });
    expect(starts()).toBe(before + 2);
  });

  it('gets the secrets that were set meanwhile, as those that stay in their files', async () => {
    await world.secrets.set('stack/lab/oidc-secret', 'another that a person has chosen');
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    const before = starts();
    expect(await world.up(second)).toMatchObject({ outcome: 'rolled-back' });
    expect(starts()).toBe(before + 1);
  });

  it.each([
    ['no container was touched', 'compose.check'],
    ['the secrets were not all made', 'folder.write traefik/dynamic/certificate.yml'],
    ['containers were made', 'compose.up'],
  ] as const)(
    'is trusted and served as before, where it is for another domain and %s',
    async (_what, call) => {
      const trust = (): readonly unknown[] => [
        world.folder.file('lab', rootFile),
        world.folder.file('lab', servedFile),
        world.secrets.kept.get('stack/lab/ca-key-lab.home.arpa'),
      ];
      const before = trust();
      const moved = benchAnswers({ domain: 'lab.example.org' });
      world.faults.fail(call, stackFailure('compose.failed'), 1);
      expect(await world.up(moved)).not.toMatchObject({ outcome: 'done' });
      expect(trust()).toEqual(before);
      expect(await world.up(moved)).toMatchObject({ outcome: 'done', error: null });
      expect(trust()).not.toEqual(before);
      expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
      expect(world.folder.file('lab', rootFile), 'nobody has to trust another root').toBe(before[0]);
    },
  );

  it("trusts its own authority as before where it tried Let's Encrypt", async () => {
    const email = 'ana@example.net';
    const server = 'https://ca.example.net/acme/acme/directory';
    const place = { mode: 'acme-http', email } as const;
    const own = benchAnswers({ domain: 'lab.example.net', tls: { ...place, server, ca: '/srv/root.pem' } });
    world = new StackWorld();
    const root = world.crypto.authority('root', 'lab.example.net', world.clock.now(), []);
    world.texts.set('/srv/root.pem', (await root).certificate);
    expect(await world.up(own)).toMatchObject({ outcome: 'done', error: null });
    const trust = (): readonly unknown[] => [
      world.folder.file('lab', rootFile),
      world.secrets.kept.get('stack/lab/ca-root'),
    ];
    const before = trust();
    expect(before).not.toContain(undefined);
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    const moved = benchAnswers({ domain: 'lab.example.net', tls: place, policy: { sessionDays: 3 } });
    expect(await world.up(moved)).toMatchObject({ outcome: 'rolled-back' });
    expect(trust()).toEqual(before);
  });
});
