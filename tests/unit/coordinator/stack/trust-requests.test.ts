// Who trusts the root, on a whole core over a machine in memory.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownRoot } from '../../../../main/detect/trust/fingerprints.ts';
import { gitlabSettingsSchema } from '../../../../main/model/settings.ts';
import { stackAnswersSchema } from '../../../../main/model/stack/answers.ts';
import { rootFileName, rootNickname } from '../../../../main/model/trust.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';
import { FakeTrustMachine, somePem } from '../../../fakes/fake-trust-machine.ts';

const lab = 'casa';
const anchors = '/usr/local/share/ca-certificates';
const nssdb = '/root/.pki/nssdb';
const host = 'unix:///var/run/docker.sock';
const engine = { host, info: { host, isHere: true, version: '27.0.0', memoryBytes: 16e9, cpus: 8 } };
const registry = '/etc/docker/certs.d/gitlab.casa.home.arpa';

let machine: FakeTrustMachine;
let world: World;
let core: OpenLab;

const root = (text = 'the root') => {
  const made = knownRoot(lab, somePem(text));
  if (made === null) throw new Error('no root');
  return made;
};
const keep = (pem: string, domain = 'casa.home.arpa') =>
  world.secrets.set(`stack/${lab}/ca-key-${domain}`, JSON.stringify({ certificate: pem, key: 'its key' }));
const setAnswers = (tls: object = { mode: 'local-ca' }, domain = 'casa.home.arpa') =>
  world.stack.journal.setCurrent(stackAnswersSchema.parse({ lab, domain, data: '/srv/casa', tls }));

async function open(self: ConstructorParameters<typeof FakeTrustMachine>[0] = {}): Promise<void> {
  machine = new FakeTrustMachine(self);
  const made = createWorld({ engine, gitlab: { kind: 'none' }, pools: [] });
  world = {
    ...made,
    stack: { ...made.stack, changeStore: (steps) => machine.changeStore(steps) },
  };
  core = await openLab(world, { act: true, probe: machine.probe });
}

beforeEach(async () => {
  await open();
  setAnswers();
  await keep(somePem('the root'));
  machine.addDatabase(nssdb);
});
afterEach(() => closeLab(world, core));

const trust = (places?: readonly string[], dryRun = false) =>
  core.call('certificate.trust', { dryRun, ...(places === undefined ? {} : { places: [...places] }) });
const untrust = (places?: readonly string[]) =>
  core.call('certificate.untrust', {
    dryRun: false,
    ...(places === undefined ? {} : { places: [...places] }),
  });
const states = ({ places }: Awaited<ReturnType<typeof trust>>) =>
  Object.fromEntries(places.filter(({ kind }) => kind !== 'jobs').map(({ id, state }) => [id, state]));
const everywhere = ['system', `nss:${nssdb}`, `engine:${registry}`];
const all = (state: string) => Object.fromEntries(everywhere.map((id) => [id, state]));

describe('certificate.trust', () => {
  it('puts the root into every store under a name that carries lab and fingerprint', async () => {
    const done = await trust();
    expect(states(done)).toEqual(all('trusted'));
    expect(done.actions.map(({ target }) => target)).toEqual(everywhere);
    const file = `${rootFileName(root())}.crt`;
    expect(machine.files.get(`${anchors}/${file}`)).toBe(root().certificate);
    expect(machine.files.get(`${registry}/${file}`)).toBe(root().certificate);
    expect([...(machine.databases.get(nssdb)?.keys() ?? [])]).toEqual([rootNickname(root())]);
    expect(done.message).toContain("only root's own were looked at");
  });

  it('does nothing the second time', async () => {
    await trust();
    const steps = machine.done.length;
    const again = await trust();
    expect([again.actions, machine.done.length]).toEqual([[], steps]);
    expect(again.message).toContain('It was trusted already');
  });

  it('changes nothing, keeps nothing and says what it would do as a dry run', async () => {
    const done = await trust(undefined, true);
    expect(done.actions.map(({ target }) => target)).toEqual(everywhere);
    expect([machine.done, world.secrets.get('trust/roots')]).toEqual([[], null]);
  });

  it('changes only the places that are named, and refuses one that is not there', async () => {
    expect(states(await trust(['system']))).toEqual({ system: 'trusted' });
    expect(machine.databases.get(nssdb)?.size).toBe(0);
    await expect(trust(['system', 'nss:/elsewhere'])).rejects.toMatchObject({
      key: 'trust.place-unknown',
      message: expect.stringContaining('nss:/elsewhere') as unknown,
    });
  });

  it('replaces an older root of the lab, and leaves those of others alone', async () => {
    await trust();
    const strange = `${anchors}/autogit-casa-0a0b0c0d.crt`;
    machine.files.set(strange, somePem('of another home'));
    machine.files.set(`${anchors}/company.crt`, somePem('of the company'));
    const old = rootFileName(root());
    await keep(somePem('a newer root'));
    expect(states(await trust(undefined, true))).toEqual(all('other'));
    expect(states(await trust())).toEqual(all('trusted'));
    expect(machine.files.has(`${anchors}/${old}.crt`)).toBe(false);
    expect(machine.files.has(`${registry}/${old}.crt`)).toBe(false);
    expect([...(machine.databases.get(nssdb)?.keys() ?? [])]).toEqual([rootNickname(root('a newer root'))]);
    expect([machine.files.has(strange), machine.files.has(`${anchors}/company.crt`)]).toEqual([true, true]);
  });

  it('goes on where one place fails, and says which and why', async () => {
    machine.failing.set('update-ca-certificates', 'Running update-ca-certificates: no space left');
    const done = await trust();
    expect(states(done)).toEqual({ ...all('trusted'), system: 'not-trusted' });
    expect(done.message).toMatch(/Failed: Programs of this machine.*no space left/);
  });

  it('is an error where nothing at all could be done', async () => {
    machine.failing.set('update-ca-certificates', 'Running update-ca-certificates: no space left');
    await expect(trust(['system'])).rejects.toMatchObject({ key: 'trust.failed' });
  });

  it('does not believe a store that does not show what was put in', async () => {
    machine.isDeaf = true;
    await expect(trust([`nss:${nssdb}`])).rejects.toMatchObject({
      message: expect.stringContaining('programs do not find it') as unknown,
    });
  });

  it('has nothing to do where programs know the authority already', async () => {
    setAnswers({ mode: 'acme-http', email: 'ana@example.net' });
    for (const name of world.secrets.names()) await world.secrets.remove(name);
    expect(await trust()).toMatchObject({
      places: [],
      message: expect.stringContaining('Nothing has to be trusted') as unknown,
    });
    world.stack.journal.setCurrent(null);
    await expect(trust()).rejects.toMatchObject({ key: 'stack.none' });
  });

  it('says that the root is made with the stack where it is not there yet', async () => {
    await world.secrets.remove('stack/casa/ca-key-casa.home.arpa');
    await expect(trust()).rejects.toMatchObject({ key: 'trust.no-root' });
  });
});

describe('certificate.trust of an ordinary user', () => {
  beforeEach(async () => {
    await closeLab(world, core);
    await open({ uid: 1000, user: 'ana', home: '/home/ana' });
    setAnswers();
    await keep(somePem('the root'));
  });

  it('tries nothing that only root may, and gives the lines to paste', async () => {
    const { places, message, next } = await trust(['system']);
    expect(machine.done).toEqual([]);
    const file = `${anchors}/${rootFileName(root())}.crt`;
    const from = `${world.stack.folder.pathOf(lab)}/ca.crt`;
    expect(places).toMatchObject([
      {
        state: 'unavailable',
        commands: [`sudo install -D -m 0644 ${from} ${file}`, 'sudo /usr/sbin/update-ca-certificates'],
      },
    ]);
    expect(message).toContain('AutoGit may not, you can');
    expect(next).toContain('Paste');
    machine.files.set(file, somePem('the root'));
    machine.files.set('/etc/ssl/certs/ca-certificates.crt', somePem('the root'));
    expect((await untrust(['system'])).places).toMatchObject([
      { commands: [`sudo rm -f ${file}`, 'sudo /usr/sbin/update-ca-certificates --fresh'] },
    ]);
  });

  it('makes a database for a Chromium that has none yet', async () => {
    machine.files.set('/usr/bin/chromium', '');
    expect(states(await trust())).toMatchObject({ 'nss:/home/ana/.pki/nssdb': 'trusted' });
  });

  it('names the package that is missing', async () => {
    machine.files.set('/usr/bin/google-chrome', '');
    machine.hasCertutil = false;
    const id = 'nss:/home/ana/.pki/nssdb';
    expect((await trust([id])).places).toMatchObject([
      {
        state: 'unavailable',
        why: expect.stringContaining('libnss3-tools') as unknown,
        commands: ['sudo apt-get install libnss3-tools', `autogit certificate trust ${id}`],
      },
    ]);
  });
});

describe('certificate.untrust', () => {
  it('takes out what AutoGit has put in, and nothing else', async () => {
    machine.files.set(`${anchors}/autogit-other-0a0b0c0d.crt`, somePem('of another home'));
    await trust();
    expect(states(await untrust())).toEqual({ ...all('not-trusted'), system: 'other' });
    expect([...machine.files.keys()].filter((file) => file.includes('autogit-casa'))).toEqual([]);
    expect(machine.files.has(`${anchors}/autogit-other-0a0b0c0d.crt`)).toBe(true);
    expect(world.secrets.get('trust/roots')).toBeNull();
  });

  it('leaves a root that a person has put in by hand, and says that it is still there', async () => {
    machine.files.set(`${anchors}/mine.crt`, somePem('the root'));
    machine.files.set('/etc/ssl/certs/ca-certificates.crt', somePem('the root'));
    const done = await untrust(['system']);
    expect([done.actions, machine.done]).toEqual([[], []]);
    expect(states(done)).toEqual({ system: 'trusted' });
    expect(done.message).toContain('Still trusted, and not because of AutoGit');
    expect(machine.files.has(`${anchors}/mine.crt`)).toBe(true);
  });

  it('knows the root of a former domain of the lab', async () => {
    await trust();
    setAnswers({ mode: 'local-ca' }, 'casa.example.net');
    await keep(somePem('of the new domain'), 'casa.example.net');
    await untrust();
    expect([...machine.files.keys()].filter((file) => file.includes('autogit-casa'))).toEqual([]);
    expect(machine.databases.get(nssdb)?.size).toBe(0);
  });

  it('knows the root of a lab that is gone with all its secrets', async () => {
    await trust();
    world.stack.journal.setCurrent(null);
    for (const name of world.secrets.names().filter((one) => one.startsWith('stack/')))
      await world.secrets.remove(name);
    expect(states(await untrust())).toEqual(all('not-trusted'));
    expect([...machine.files.keys()].filter((file) => file.includes('autogit-casa'))).toEqual([]);
    expect((await untrust()).message).toContain('has put none anywhere');
  });

  it('tells the system again of a root whose file is gone already', async () => {
    machine.files.set('/etc/ssl/certs/ca-certificates.crt', somePem('the root'));
    expect(states(await untrust(['system']))).toEqual({ system: 'not-trusted' });
    expect(machine.files.get('/etc/ssl/certs/ca-certificates.crt')).toBe('');
  });
});

describe("jobs of a GitLab that is no stack's", () => {
  beforeEach(async () => {
    await closeLab(world, core);
    machine = new FakeTrustMachine();
    const server = { kind: 'server', url: 'https://gitlab.test', ca: '/srv/root.pem' };
    const gitlab = gitlabSettingsSchema.parse(server);
    const made = createWorld({ engine, gitlab, pools: [] });
    world = { ...made, stack: { ...made.stack, changeStore: (steps) => machine.changeStore(steps) } };
    core = await openLab(world, { act: true, probe: machine.probe });
  });

  const jobs = async () =>
    (await core.call('certificate.list', {})).places.map(({ id, state }) => [id, state].join(' '));

  it('are told of its root, and no longer, without any stack', async () => {
    expect(await jobs()).toEqual(['jobs trusted']);
    const done = await untrust(['jobs']);
    expect(done.actions.map(({ target }) => target)).toEqual(['jobs']);
    expect(done.message).toContain('are told nothing of the root');
    expect(await jobs()).toEqual(['jobs not-trusted']);
    expect((await untrust(['jobs'])).actions).toEqual([]);
    expect((await trust(['jobs'], true)).places).toMatchObject([{ state: 'not-trusted' }]);
    expect((await trust(['jobs'])).places).toMatchObject([{ id: 'jobs', state: 'trusted' }]);
    await expect(trust(['system'])).rejects.toMatchObject({ key: 'stack.none' });
  });

  it('stay as they are when what is left of a former stack is taken out, unless they are named', async () => {
    setAnswers();
    await keep(somePem('the root'));
    await trust(['system']);
    world.stack.journal.setCurrent(null);
    for (const name of world.secrets.names().filter((one) => one.startsWith('stack/')))
      await world.secrets.remove(name);
    expect(await jobs()).toContain('jobs trusted');
    expect((await untrust()).actions.map(({ target }) => target)).toEqual(['system']);
    expect(await jobs()).toEqual(['jobs trusted']);
    expect((await untrust(['jobs'])).places).toMatchObject([{ id: 'jobs', state: 'not-trusted' }]);
  });
});

describe('doctor.run', () => {
  const left = async () =>
    (await core.call('doctor.run', { area: 'stack' })).findings.filter(
      ({ key }) => key === 'trust.root-left',
    );

  it('finds a root that is still trusted though its stack is gone, until it is taken out', async () => {
    await trust();
    expect(await left()).toEqual([]);
    world.stack.journal.setCurrent(null);
    expect(await left()).toMatchObject([
      {
        message: expect.stringContaining('3 places') as unknown,
        next: expect.stringContaining('autogit certificate untrust') as unknown,
      },
    ]);
    await untrust();
    expect(await left()).toEqual([]);
  });
});

describe('stack.destroy', () => {
  it('says that the root is still trusted, and untrust still finds it without the secrets', async () => {
    await trust();
    await world.secrets.remove('trust/roots');
    const { next } = await core.call('stack.destroy', { dryRun: false, deleteData: true, wait: false });
    expect(next).toContain('autogit certificate untrust');
    expect(world.secrets.get('trust/roots')).toContain(lab);
  });
});
