// One person in one place, for real: AutoGit changes Authelia's file while Authelia runs, and the sandbox follows as GitLab.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectPeople } from '../../main/adapters/gitlab/people.ts';
import { systemClock } from '../../main/adapters/host/clock.ts';
import { createPeopleFile } from '../../main/adapters/identity/people-file.ts';
import { renderQr } from '../../main/adapters/identity/qr.ts';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { secretName } from '../../main/apply/context.ts';
import { createPeopleDesk } from '../../main/coordinator/stack/people-desk.ts';
import type { PeopleDesk } from '../../main/coordinator/stack/people-desk.ts';
import { listUsers } from '../../main/coordinator/stack/user-list.ts';
import {
  addUser,
  changeGroups,
  disableUser,
  enableUser,
  removeUser,
  resetUser,
} from '../../main/coordinator/stack/user-requests.ts';
import type { UserContext } from '../../main/coordinator/stack/user-requests.ts';
import type { LogRecord } from '../../main/log.ts';
import { startSandbox } from '../../main/sandbox/server.ts';
import type { Compose } from '../../main/stack-ports.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import { memorySecrets, recordedLog } from '../fakes/fake-context.ts';
import { FakeCompose } from '../fakes/fake-stack-compose.ts';
import { FakeStackFolder } from '../fakes/fake-stack-folder.ts';
import { FakeStackJournal } from '../fakes/fake-stack-journal.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';
import { describeWithPeer, findAuthelia } from './peers.ts';
import { openAuthelia } from './real-authelia.ts';
import type { RealAuthelia } from './real-authelia.ts';

const authelia = await findAuthelia();
const token = 'glpat-people-suite-root';
const first = 'correct horse battery';

describeWithPeer('Authelia and GitLab, with AutoGit between them', authelia, (program) => {
  let real: RealAuthelia;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let folder: string;
  let desk: PeopleDesk;
  let context: UserContext;
  const shown: string[] = [];

  beforeAll(async () => {
    real = await openAuthelia(program());
    folder = await mkdtemp(join(tmpdir(), 'autogit-people-'));
    // As the stack has it: Authelia's data lies in a folder of its own below the data of the lab.
    await symlink(join(real.folder, 'data'), join(folder, 'authelia'));
    await mkdir(join(folder, 'gitlab'));
    sandbox = await startSandbox({
      stateDir: join(folder, 'gitlab'),
      host: '127.0.0.1',
      port: 0,
      rootToken: token,
    });
    ({ desk, context } = openDesk({ real, program: program(), folder, url: sandbox.url, shown }));
  }, 60_000);
  afterAll(async () => {
    await desk.stop();
    await sandbox.close();
    await real.close();
    await rm(folder, { recursive: true, force: true });
  });

  const login = (username: string, password: string) => ask(real, '/api/firstfactor', { username, password });
  const comesIn = async (username: string, password: string): Promise<Answer> => {
    const answer = await login(username, password);
    expect(answer.status, real.output()).toBe(200);
    return answer;
  };
  const staysOut = async (username: string, password: string): Promise<void> =>
    expect((await login(username, password)).status, real.output()).toBe(401);
  const gitlab = () => connectPeople({ url: sandbox.url, ca: null, reach: null }, token);
  const account = async (name: string) => (await gitlab().people()).find(({ username }) => username === name);
  const api = (method: string, path: string, body: unknown): Promise<Response> =>
    fetch(`${sandbox.url}/api/v4${path}`, {
      method,
      headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('lists the first person, whom Authelia has made by itself, and makes them a one-time password', async () => {
    const { source, users } = await listUsers({}, context);
    expect(source).toBe('file');
    expect(users.find(({ name }) => name === 'admin')).toMatchObject({
      admin: true,
      factors: [],
      disabled: false,
    });
    const wish = { name: 'admin', password: false, factors: false, totp: true, dryRun: false };
    const { password, totp } = await resetUser(wish, context);
    expect(password).toBeNull();
    expect(totp?.qr.length).toBeGreaterThan(20);
    const { cookie } = await comesIn('admin', first);
    expect((await secondFactor(real, totp?.uri ?? '', cookie)).status, real.output()).toBe(200);
    const again = await listUsers({}, context);
    expect(again.users.find(({ name }) => name === 'admin')?.factors).toEqual(['totp']);
  });

  it('has each change seen by Authelia, however soon it follows another', async () => {
    const file = join(folder, 'authelia/users_database.yml');
    const [another, before] = [
      await createCrypto().argon2id('quite another one'),
      await createCrypto().argon2id(first),
    ];
    await desk.file.change(file, () => [{ kind: 'groups', name: 'admin', groups: ['admins', 'soon'] }]);
    await desk.file.change(file, () => [{ kind: 'digest', name: 'admin', digest: another }]);
    await comesIn('admin', 'quite another one');
    await desk.file.change(file, () => [{ kind: 'digest', name: 'admin', digest: before }]);
    await comesIn('admin', first);
  });

  it('adds somebody who comes in at once, with both factors, and whom GitLab knows by the same mark', async () => {
    await api('POST', '/groups', { name: 'Team', path: 'team' });
    const added = await addUser(
      {
        ...{ name: 'ana', email: 'ana@lab.home.arpa', displayName: 'Ana B.', groups: ['team'] },
        ...{ totp: true, dryRun: false },
      },
      context,
    );
    expect(added.message).toContain('ana can sign in.');
    const { cookie } = await comesIn('ana', added.password ?? '');
    expect((await secondFactor(real, added.totp?.uri ?? '', cookie)).status, real.output()).toBe(200);
    const known = await account('ana');
    expect(known).toMatchObject({
      name: 'Ana B.',
      email: 'ana@lab.home.arpa',
      state: 'active',
      admin: false,
    });
    expect(known?.subject).toBe((await desk.authelia(answersOf(context)).subjects()).get('ana'));
    const [team] = await gitlab().groups({ paths: ['team'], ids: [] });
    expect(team?.members).toContainEqual({ id: known?.id, level: 30 });
    const texts = [...shown, JSON.stringify(context.store)].join('\n');
    expect(texts).not.toContain(added.password);
    expect(texts).not.toContain(added.totp?.secret);
  });

  it('makes an administrator of GitLab of whoever comes into the group, and nobody of whoever leaves it', async () => {
    await changeGroups({ name: 'ana', add: ['admins'], dryRun: false }, context);
    expect(await account('ana')).toMatchObject({ admin: true });
    await changeGroups({ name: 'ana', remove: ['admins', 'team'], dryRun: false }, context);
    expect(await account('ana')).toMatchObject({ admin: false });
    const [team] = await gitlab().groups({ paths: ['team'], ids: [] });
    expect(team?.members.map(({ level }) => level)).toEqual([50]);
  });

  it('lets nobody in whom it was told to keep out, neither here nor there, and lets them in again', async () => {
    const { password } = await resetUser(
      { name: 'ana', password: true, factors: false, totp: false, dryRun: false },
      context,
    );
    await comesIn('ana', password ?? '');
    await disableUser({ name: 'ana', dryRun: false }, context);
    await staysOut('ana', password ?? '');
    expect(await account('ana')).toMatchObject({ state: 'blocked' });
    await enableUser({ name: 'ana', dryRun: false }, context);
    await comesIn('ana', password ?? '');
    expect(await account('ana')).toMatchObject({ state: 'active' });
  });

  it('takes the old password away with a new one', async () => {
    const wish = { name: 'ana', password: true, factors: true, totp: false, dryRun: false };
    const { password: old } = await resetUser(wish, context);
    await comesIn('ana', old ?? '');
    const { password } = await resetUser(wish, context);
    await comesIn('ana', password ?? '');
    await staysOut('ana', old ?? '');
    const { users } = await listUsers({}, context);
    expect(users.find(({ name }) => name === 'ana')?.factors).toEqual([]);
  });

  it('loses neither a password that somebody changes in Authelia meanwhile, nor its own change', async () => {
    const wish = { name: 'ana', password: true, factors: false, totp: false, dryRun: false };
    const { password: old } = await resetUser(wish, context);
    const { cookie } = await comesIn('ana', old ?? '');
    const elevated = await elevate(real, cookie);
    const theirs = 'what Ana has thought of herself';
    const [changed] = await Promise.all([
      ask(
        real,
        '/api/change-password',
        { username: 'ana', old_password: old, new_password: theirs },
        { cookie: elevated },
      ),
      changeGroups({ name: 'admin', add: ['family'], dryRun: false }, context),
    ]);
    expect(changed.status, changed.text + real.output().slice(-2_000)).toBe(200);
    await comesIn('ana', theirs);
    const { users } = await listUsers({}, context);
    expect(users.find(({ name }) => name === 'admin')?.groups).toContain('family');
    await staysOut('ana', old ?? '');
  });

  it('never leaves the lab without an administrator', async () => {
    const refusal = { key: 'user.last-admin' };
    await expect(disableUser({ name: 'admin', dryRun: false }, context)).rejects.toMatchObject(refusal);
    await expect(removeUser({ name: 'admin', dryRun: false }, context)).rejects.toMatchObject(refusal);
    await expect(
      changeGroups({ name: 'admin', remove: ['admins'], dryRun: false }, context),
    ).rejects.toMatchObject(refusal);
    await comesIn('admin', first);
  });

  it('takes somebody out of Authelia, and leaves what they made in GitLab', async () => {
    await removeUser({ name: 'ana', dryRun: false }, context);
    expect(await account('ana')).toMatchObject({ state: 'blocked' });
    await staysOut('ana', 'what Ana has thought of herself');
    expect(await readFile(join(real.folder, 'data/users_database.yml'), 'utf8')).not.toContain('ana@');
    await access(join(real.folder, 'data/users_database.yml.autogit-last'));
  });
});

function answersOf({ stack }: UserContext) {
  return stack.requireCurrent();
}

interface DeskParts {
  readonly real: RealAuthelia;
  readonly program: string;
  readonly folder: string;
  readonly url: string;
  readonly shown: string[];
}

/** The core's part, with the real edges of people and a stack that stands. */
function openDesk({ real, program, folder, url, shown }: DeskParts): {
  desk: PeopleDesk;
  context: UserContext;
} {
  const secrets = memorySecrets();
  void secrets.set(secretName.gitlabToken, token);
  const answers = someAnswers({ data: folder, address: null });
  const rendering = renderStack({ answers, templates: bundledTemplates(), facts: someFacts() });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  const stack = { ...rendering.stack, gitlabUrl: url, answers };
  const journal = new FakeStackJournal();
  journal.setCurrent(answers);
  const stackFolder = new FakeStackFolder();
  const records: LogRecord[] = [];
  const log = recordedLog(records);
  const desk = createPeopleDesk({
    ...{ secrets, journal, log, clock: systemClock, folder: stackFolder },
    peopleFile: createPeopleFile({ clock: systemClock }),
    connectPeople: (address, given) => connectPeople(address, given),
    compose: execHere(real, program),
    home: { otherGitlab: () => null },
    runs: { aside: (work) => work(new AbortController().signal) },
    engine: () => 'unix:///nowhere.sock',
    render: async () => ({ ok: true, stack, warnings: [] }),
    onChange: () => void shown.push(JSON.stringify(records)),
  });
  const context: UserContext = {
    ...{ secrets, clock: systemClock, door: 'cli' },
    stack: { people: desk, crypto: createCrypto(), renderQr, requireCurrent: () => answers, journal },
    store: { audit: (entry) => void shown.push(JSON.stringify([entry, records])) },
  };
  return { desk, context };
}

/** As in its container: the same program, variables and paths. */
function execHere(real: RealAuthelia, program: string): Compose {
  const env = { ...real.env, PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}` };
  const compose = new FakeCompose({ readFile: () => null });
  compose.exec = (_, __, [name = '', ...args]) =>
    new Promise((resolve) => {
      const here = args.map((one) => one.replace('/config/', `${real.folder}/config/`));
      execFile(name, here, { env, cwd: real.folder }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, stdout, stderr }),
      );
    });
  return compose;
}

interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly text: string;
}

/** As a browser asks through Traefik. */
function ask(
  { issuer, connect, root }: RealAuthelia,
  path: string,
  body: unknown,
  { cookie = '', method = 'POST' }: { readonly cookie?: string; readonly method?: string } = {},
): Promise<Answer> {
  const { host, hostname } = new URL(issuer);
  const [address = '', port = ''] = connect.split(':');
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: address, port, path, method, ca: root, servername: hostname },
        headers: { host, 'content-type': 'application/json', ...(cookie === '' ? {} : { cookie }) },
      },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => (text += part));
        reply.once('end', () =>
          resolve({
            ...{ status: reply.statusCode ?? 0, text },
            cookie: reply.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie,
          }),
        );
      },
    );
    asked.once('error', reject).end(JSON.stringify(body));
  });
}

function secondFactor(real: RealAuthelia, uri: string, cookie: string): Promise<Answer> {
  const totp = URI.parse(uri);
  if (!(totp instanceof TOTP)) throw new Error('no time-based password');
  return ask(real, '/api/secondfactor/totp', { token: totp.generate() }, { cookie });
}

/** With the code that Authelia writes where no mail brings it: the session may change passwords then. */
async function elevate(real: RealAuthelia, cookie: string): Promise<string> {
  const path = '/api/user/session/elevation';
  expect((await ask(real, path, {}, { cookie })).status, real.output()).toBe(200);
  const message = await readFile(join(real.folder, 'data/notification.txt'), 'utf8');
  const otc = /^([A-Z0-9]{8})$/m.exec(message)?.[1];
  const answer = await ask(real, path, { otc }, { cookie, method: 'PUT' });
  expect(answer.status, real.output()).toBe(200);
  return answer.cookie;
}
