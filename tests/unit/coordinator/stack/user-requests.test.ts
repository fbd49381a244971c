// The requests about people on a whole core over fakes: Authelia's file first, then GitLab, and what each refusal leaves.
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../../../main/errors.ts';
import { stackAnswersSchema } from '../../../../main/model/stack/answers.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';
import { aPerson, somebody } from '../../../fakes/fake-people.ts';
import type { FakeGitlabPeople } from '../../../fakes/fake-people.ts';
import { bringUp, during, stackAnswers, useStackCores } from '../../../fakes/stack-core.ts';

const answers = { ...stackAnswers, sso: 'authelia' };
const minute = 60_000;
const cores = useStackCores();

let world: World;
let core: OpenLab;
let gitlab: FakeGitlabPeople;

/** A stack that is up, with its first person, and with others if need be. */
async function open(change: Readonly<Record<string, unknown>> = {}): Promise<void> {
  world = cores.makeWorld();
  core = await cores.open(world);
  await bringUp(world, core, { ...answers, ...change });
  gitlab = world.stack.gitlabPeople;
  gitlab.everybody = [somebody({ id: 1, username: 'root', admin: true, email: 'admin@lab.home.arpa' })];
  world.stack.peopleFile.people = [aPerson({ name: 'admin', groups: ['admins'] })];
}

const ana = { name: 'ana', email: 'ana@lab.home.arpa' };
const add = (more: object = {}) => during(world, core.call('user.add', { ...ana, ...more }));
const list = async () => {
  const { users } = await during(world, core.call('user.list', {}));
  return Object.fromEntries(users.map((user) => [user.name, user]));
};
const named = (name: string) => world.stack.peopleFile.people?.find((person) => person.name === name);

describe('user.add', () => {
  it('puts somebody into Authelia and GitLab, and shows their password to nobody else', async () => {
    await open();
    const added = await add({ groups: ['admins'], totp: true });
    expect(added.actions.map(({ kind }) => kind)).toEqual(['add', 'gitlab-create']);
    expect(added).toMatchObject({ message: 'ana can sign in. GitLab is in step.', next: null });
    expect(added.password?.length).toBe(20);
    expect(added.totp?.uri).toContain(added.totp?.secret);
    expect(world.stack.peopleFile.digests.get('ana')).toMatch(/^\$argon2id/);
    const subject = world.stack.authelia.subjects.get('ana');
    expect(gitlab.account('ana')).toMatchObject({ subject, admin: true, email: ana.email });
    const said = JSON.stringify([world.store.auditLog(100), core.logged, world.stack.compose.execs]);
    expect(said).toContain('ana: a first password');
    expect(said).not.toContain(added.password);
    expect(said).not.toContain(added.totp?.secret);
  });

  it('says what it would do, and does nothing', async () => {
    await open();
    const dry = await add({ dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, password: null, totp: null });
    expect(dry.actions.map(({ kind }) => kind)).toEqual(['add', 'gitlab-create']);
    expect([named('ana'), gitlab.calls]).toEqual([undefined, []]);
  });

  it.each([
    ['a name that is taken', { name: 'admin' }, 'user.exists'],
    ['an address that is taken', { email: 'ADMIN@lab.home.arpa' }, 'user.email-taken'],
    ["GitLab's own name", { name: 'root' }, 'user.name-reserved'],
    ["the address of GitLab's root", { email: 'Chief@lab.home.arpa' }, 'user.email-reserved'],
  ])('refuses %s', async (_, change, key) => {
    await open({ admin: { username: 'admin', email: 'chief@lab.home.arpa' } });
    await expect(add(change)).rejects.toMatchObject({ key });
    await expect(add({ ...change, dryRun: true })).rejects.toMatchObject({ key });
    expect(world.stack.peopleFile.people).toHaveLength(1);
  });

  it("takes the address of GitLab's root of an administrator", async () => {
    await open({ admin: { username: 'admin', email: 'chief@lab.home.arpa' } });
    await add({ email: 'chief@lab.home.arpa', groups: ['admins'] });
    expect(named('ana')?.email).toBe('chief@lab.home.arpa');
  });

  it('gives nobody what another one of that name has left', async () => {
    await open();
    await add();
    await during(world, core.call('user.remove', { name: 'ana' }));
    const other = { email: 'another@lab.home.arpa' };
    await expect(add(other)).rejects.toMatchObject({ key: 'user.name-used' });
    await expect(add({ ...other, dryRun: true })).rejects.toMatchObject({ key: 'user.name-used' });
    expect([named('ana'), gitlab.account('ana')?.state]).toEqual([undefined, 'blocked']);
    gitlab.everybody = gitlab.everybody.filter(({ username }) => username !== 'ana');
    await during(world, core.call('user.sync', {}));
    await add(other);
    expect(gitlab.account('ana')).toMatchObject({ state: 'active', email: other.email });
  });

  it('gives nobody back the second factors that they had', async () => {
    await open();
    await add();
    world.stack.authelia.passkeys.set('ana', 'key');
    world.stack.authelia.isUp = false;
    const { message } = await during(world, core.call('user.remove', { name: 'ana' }));
    expect(message).toContain('Their second factors are still there');
    await expect(add()).rejects.toMatchObject({ key: 'user.authelia-failed' });
    expect(named('ana')).toBeUndefined();
    world.stack.authelia.isUp = true;
    await add();
    expect([named('ana')?.name, world.stack.authelia.passkeys.has('ana')]).toEqual(['ana', false]);
    world.stack.authelia.passkeys.set('ana', 'new key');
    await expect(add()).rejects.toMatchObject({ key: 'user.exists' });
    expect(world.stack.authelia.passkeys.get('ana')).toBe('new key');
  });

  it('lets nobody in again whom somebody has blocked in GitLab meanwhile', async () => {
    await open();
    await add();
    gitlab.isUp = false;
    await during(world, core.call('user.remove', { name: 'ana' }));
    gitlab.everybody = gitlab.everybody.map((one) =>
      one.username === 'ana' ? { ...one, state: 'blocked' } : one,
    );
    await add();
    gitlab.isUp = true;
    await during(world, core.call('user.sync', {}));
    expect(gitlab.account('ana')?.state).toBe('blocked');
  });

  it('lets somebody in whom GitLab gets to know later, by itself, when it answers again', async () => {
    await open();
    gitlab.isUp = false;
    const added = await add();
    expect(added.message).toBe('ana can sign in. GitLab is brought into step later: GitLab does not answer.');
    expect(added.password).not.toBeNull();
    gitlab.isUp = true;
    await world.clock.until(() => gitlab.account('ana') !== undefined, 5 * minute);
    expect((await list())['ana']).toMatchObject({ gitlab: { state: 'active' }, differences: [] });
  });

  it('shows the password even where no one-time password could be made', async () => {
    await open();
    world.stack.authelia.isUp = false;
    const added = await add({ totp: true });
    expect([added.totp, typeof added.password]).toEqual([null, 'string']);
    expect(added.message).toContain('The one-time password could not be made');
  });

  it('says what GitLab refuses, as an issue until somebody mends it', async () => {
    await open();
    gitlab.reserved.add('ana');
    expect((await add()).message).toContain('username is a reserved name');
    const issues = () => core.lab.live.current().issues.filter(({ key }) => key === 'people.out-of-step');
    await world.clock.until(() => issues().length === 1, 20 * minute);
    gitlab.reserved.clear();
    await world.clock.until(() => issues().length === 0, 20 * minute);
    expect(gitlab.account('ana')?.state).toBe('active');
  });
});

describe('somebody who is there', () => {
  it('is let in no longer, and again, in both', async () => {
    await open();
    await add();
    await during(world, core.call('user.disable', { name: 'ana' }));
    expect([named('ana')?.disabled, gitlab.account('ana')?.state]).toEqual([true, 'blocked']);
    await during(world, core.call('user.enable', { name: 'ana' }));
    expect([named('ana')?.disabled, gitlab.account('ana')?.state]).toEqual([false, 'active']);
  });

  it('whom somebody has blocked in GitLab stays out until they are enabled here', async () => {
    await open();
    await add();
    await gitlab.block(gitlab.account('ana')?.id ?? 0);
    await during(world, core.call('user.sync', {}));
    expect(gitlab.account('ana')?.state).toBe('blocked');
    expect((await list())['ana']?.differences.join()).toContain('autogit user enable ana');
    await during(world, core.call('user.enable', { name: 'ana' }));
    expect(gitlab.account('ana')?.state).toBe('active');
  });

  it('who is let in anyway is not let in at GitLab later on, by nobody', async () => {
    await open();
    await add();
    gitlab.isUp = false;
    const { next } = await during(world, core.call('user.enable', { name: 'ana' }));
    expect(next).toContain('ask again then: autogit user enable ana');
    gitlab.isUp = true;
    await gitlab.block(gitlab.account('ana')?.id ?? 0);
    await during(world, core.call('user.sync', {}));
    expect(gitlab.account('ana')?.state).toBe('blocked');
  });

  it('stays taken out, although what goes on by itself is just letting them in', async () => {
    await open();
    await add();
    await during(world, core.call('user.disable', { name: 'ana' }));
    const { people } = world.stack.peopleFile;
    world.stack.peopleFile.people = (people ?? []).map((person) => ({ ...person, disabled: false }));
    const { unblock } = gitlab;
    let removal: Promise<unknown> = Promise.resolve();
    gitlab.unblock = async (id) => {
      removal = core.call('user.remove', { name: 'ana' });
      // As long as a removal takes that waits for nothing.
      for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
      return unblock(id);
    };
    await during(world, core.call('user.sync', {}));
    await during(world, removal);
    expect([named('ana'), gitlab.account('ana')?.state]).toEqual([undefined, 'blocked']);
  });

  it('whose account was found by its address is an administrator only once somebody confirms it', async () => {
    await open();
    gitlab.everybody = [...gitlab.everybody, somebody({ id: 9, username: 'mallory', email: ana.email })];
    await add({ groups: ['admins'] });
    expect(gitlab.account('mallory')?.admin).toBe(false);
    expect((await list())['ana']?.differences.join()).toContain('autogit user sync --confirm ana');
    const dry = await during(world, core.call('user.sync', { confirm: ['ana'], dryRun: true }));
    expect(dry.actions.map(({ kind }) => kind)).toEqual(['confirm', 'gitlab-admin']);
    await expect(during(world, core.call('user.sync', { confirm: ['ben'] }))).rejects.toMatchObject({
      key: 'user.unknown',
    });
    await during(world, core.call('user.sync', { confirm: ['ana'] }));
    expect(gitlab.account('mallory')?.admin).toBe(true);
    expect((await list())['ana']?.differences).toEqual([]);
  });

  it('gets into groups, becomes an administrator, and is none any more', async () => {
    await open();
    await add();
    gitlab.allGroups = [{ id: 5, path: 'team', members: [] }];
    await during(world, core.call('user.groups', { name: 'ana', add: ['team', 'admins'] }));
    const { id = 0 } = gitlab.account('ana') ?? {};
    expect([gitlab.account('ana')?.admin, gitlab.allGroups[0]?.members]).toEqual([true, [{ id, level: 30 }]]);
    await during(world, core.call('user.groups', { name: 'ana', remove: ['team', 'admins'] }));
    expect([gitlab.account('ana')?.admin, gitlab.allGroups[0]?.members]).toEqual([false, []]);
    await expect(during(world, core.call('user.groups', { name: 'ana' }))).rejects.toMatchObject({
      key: 'request.invalid',
    });
  });

  it('gets a new password and a new second factor, each alone', async () => {
    await open();
    await add({ totp: true });
    const before = world.stack.peopleFile.digests.get('ana');
    const factor = await during(
      world,
      core.call('user.reset', { name: 'ana', password: false, factors: true }),
    );
    expect(factor).toMatchObject({ password: null, totp: null });
    expect([world.stack.peopleFile.digests.get('ana'), world.stack.authelia.totp.has('ana')]).toEqual([
      before,
      false,
    ]);
    const { password, totp } = await during(world, core.call('user.reset', { name: 'ana', totp: true }));
    expect(world.stack.peopleFile.digests.get('ana')).not.toBe(before);
    expect([typeof password, totp?.qr.length]).toEqual(['string', 1]);
    await expect(during(world, core.call('user.reset', { name: 'ben' }))).rejects.toMatchObject({
      key: 'user.unknown',
    });
  });

  it('is taken out with their second factors, stays in GitLab, blocked, and comes back', async () => {
    await open();
    await add({ totp: true });
    gitlab.isUp = false;
    await during(world, core.call('user.remove', { name: 'ana' }));
    expect([named('ana'), world.stack.authelia.totp.has('ana')]).toEqual([undefined, false]);
    gitlab.isUp = true;
    await world.clock.until(() => gitlab.account('ana')?.state === 'blocked', 5 * minute);
    await add();
    expect(gitlab.account('ana')?.state).toBe('active');
    expect(gitlab.everybody).toHaveLength(2);
  });
});

describe('the last administrator', () => {
  it.each([
    ['disabled', () => core.call('user.disable', { name: 'admin' })],
    ['removed', () => core.call('user.remove', { name: 'admin' })],
    ['taken out of the group', () => core.call('user.groups', { name: 'admin', remove: ['admins'] })],
    ['removed, even as a try', () => core.call('user.remove', { name: 'admin', dryRun: true })],
  ])('is not %s', async (_, call) => {
    await open();
    await add();
    const before = world.stack.peopleFile.people;
    await expect(during<unknown>(world, call())).rejects.toMatchObject({ key: 'user.last-admin' });
    expect(world.stack.peopleFile.people).toBe(before);
    await during(world, core.call('user.sync', {}));
    expect(gitlab.account('root')).toMatchObject({ state: 'active', admin: true });
  });
});

describe('user.list', () => {
  it('shows both sides of everybody, second factors, and whom only GitLab knows', async () => {
    await open();
    await add({ totp: true });
    world.stack.authelia.passkeys.set('ana', 'key');
    gitlab.everybody = [...gitlab.everybody, somebody({ id: 9, username: 'zoe' })];
    const users = await list();
    expect(users['admin']).toMatchObject({
      admin: true,
      factors: [],
      gitlab: { state: 'active', username: 'root' },
    });
    expect(users['ana']).toMatchObject({
      factors: ['totp', 'passkey'],
      gitlab: { state: 'active' },
      differences: [],
    });
    expect(users['zoe']).toMatchObject({ differences: ['Only GitLab knows them.'], factors: 'unknown' });
    expect([users['ana']?.decision, users['zoe']?.decision]).toEqual([null, null]);
    world.stack.authelia.isUp = false;
    gitlab.isUp = false;
    const { users: half, gitlabProblem } = await during(world, core.call('user.list', {}));
    expect(half[0]).toMatchObject({ factors: 'unknown', gitlab: { state: 'unknown' } });
    expect(gitlabProblem).toContain('does not answer');
  });

  it.each([
    [{ sso: 'off' }, 'gitlab'],
    [
      { sso: 'oidc', oidc: { provider: 'keycloak', issuer: 'https://id.example.org', clientId: 'gitlab' } },
      'oidc',
    ],
  ])('of %o shows the people of GitLab, who are changed elsewhere', async (change, source) => {
    await open();
    const present = stackAnswersSchema.parse({ ...world.stack.journal.current(), ...change });
    world.stack.journal.setCurrent(present);
    const listed = await during(world, core.call('user.list', {}));
    expect(listed).toMatchObject({ source, users: [{ name: 'root' }], gitlabProblem: null });
    await expect(add()).rejects.toMatchObject({ key: 'user.kept-elsewhere', fields: { source } });
  });

  it('of a home without a stack is empty', async () => {
    world = cores.makeWorld();
    core = await cores.open(world);
    expect(await core.call('user.list', {})).toMatchObject({ source: 'none', users: [] });
    await expect(add()).rejects.toMatchObject({ key: 'stack.none' });
  });
});

describe('what only a person can decide', () => {
  it('is whether somebody is blocked who was taken out of the file by hand', async () => {
    await open();
    await add();
    const { peopleFile } = world.stack;
    peopleFile.people = peopleFile.people?.filter(({ name }) => name !== 'ana') ?? null;
    await during(world, core.call('user.sync', {}));
    expect(gitlab.account('ana')?.state).toBe('active');
    expect((await list())['ana']).toMatchObject({
      decision: 'block',
      differences: [expect.stringContaining('autogit user remove ana') as unknown],
    });
    await during(world, core.call('user.remove', { name: 'ana' }));
    expect(gitlab.account('ana')?.state).toBe('blocked');
    expect((await list())['ana']?.decision).not.toBe('block');
  });

  it('is whether an account that was found by its address is theirs', async () => {
    await open();
    gitlab.everybody = [...gitlab.everybody, somebody({ id: 7, username: 'anna', email: ana.email })];
    await add({ groups: ['admins'] });
    expect((await list())['ana']?.decision).toBe('confirm');
    const before = await during(world, core.call('user.sync', { confirm: ['ana'], dryRun: true }));
    expect(before.actions).toContainEqual({
      ...{ kind: 'gitlab-admin', target: 'ana', reason: 'an administrator of GitLab' },
    });
    expect(gitlab.account('anna')?.admin).toBe(false);
    await during(world, core.call('user.sync', { confirm: ['ana'] }));
    expect(gitlab.account('anna')?.admin).toBe(true);
    expect((await list())['ana']?.decision).toBeNull();
  });
});

describe('a file that nobody can read', () => {
  it('changes nobody in GitLab, and is an issue', async () => {
    await open();
    await add();
    const { calls } = gitlab;
    const before = calls.length;
    const wrong = { key: 'user.file-invalid', message: 'Line 3.', next: 'Mend it.' };
    world.stack.peopleFile.problem = new AutoGitError(wrong);
    const issues = () => core.lab.live.current().issues.filter(({ key }) => key === 'people.out-of-step');
    await world.clock.until(() => issues().length === 1, 20 * minute);
    expect(issues()[0]?.message).toContain('Line 3.');
    expect(calls).toHaveLength(before);
    const { key } = wrong;
    await expect(during(world, core.call('user.sync', {}))).rejects.toMatchObject({ key });
    world.stack.peopleFile.problem = null;
    await world.clock.until(() => issues().length === 0, 20 * minute);
  });
});

describe('people by themselves', () => {
  it('are brought into step when the file changes, and GitLab is left alone while nothing does', async () => {
    await open();
    await during(world, core.call('user.sync', {}));
    const reads = world.stack.peopleFile.reads;
    await world.clock.until(() => world.stack.peopleFile.reads > reads + 3, 10 * minute);
    expect(gitlab.calls).toEqual([]);
    world.stack.peopleFile.people = [...(world.stack.peopleFile.people ?? []), aPerson({ name: 'byhand' })];
    await world.clock.until(() => gitlab.account('byhand') !== undefined, 2 * minute);
  });
});
