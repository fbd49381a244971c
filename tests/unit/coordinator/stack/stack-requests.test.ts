// The requests about the stack on a whole core over fakes, with the templates that AutoGit brings.
import { describe, expect, it, vi } from 'vitest';
import { composeMissing } from '../../../../main/adapters/compose/errors.ts';
import { stackAnswersSchema } from '../../../../main/model/stack/answers.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';
import { bringUp, during, stackAnswers, useStackCores } from '../../../fakes/stack-core.ts';

const answers = stackAnswers;
const cores = useStackCores();

/** As Authelia writes it. */
const writtenCode = [
  ...['Date: 2026-11-22 12:26:10.123456789 +0100 CET m=+42.1', 'Recipient: {admin admin@lab.home.arpa}'],
  ...['Subject: Confirm your identity', 'Hi admin,', '', '----------', '', 'ABCD2345', '', '----------', ''],
].join('\n');

let world: World;
let core: OpenLab;

async function open(options: { readonly act?: boolean; readonly world?: World } = {}): Promise<void> {
  world = options.world ?? cores.makeWorld();
  core = await cores.open(world, options);
}

const plan = (given: Readonly<Record<string, unknown>> = answers) =>
  during(world, core.call('stack.plan', { answers: { ...given } }));

/** Findings of this made-up machine do not stand against it: what they say is the doctor's business. */
const up = (given: Readonly<Record<string, unknown>> = answers) => bringUp(world, core, given);

describe('stack.plan', () => {
  it('says what a first up would do, and changes nothing', async () => {
    await open({ act: false });
    const { plan: made, answers: whole, files } = await plan();
    expect(made?.services.map(({ change }) => change)).toEqual(['create', 'create', 'create']);
    expect(whole).toMatchObject({ domain: 'lab.home.arpa', address: '192.168.1.10' });
    expect(files).toBeUndefined();
    expect(world.stack.folder.paths('lab')).toEqual([]);
  });

  it('gives the files where they are asked for, and no secret with them', async () => {
    await open({ act: false });
    const { files = [] } = await during(world, core.call('stack.plan', { answers, files: true }));
    expect(files.map(({ path }) => path)).toContain('compose.yaml');
    expect(files.some(({ path }) => path.startsWith('secrets/'))).toBe(false);
  });

  it('takes the text of a file, and says what is wrong with it, field by field', async () => {
    await open({ act: false });
    const text = 'lab: A_b\ndata: rel\ntls: { mode: local-ca }\n';
    const { valid, problems, plan: made } = await during(world, core.call('stack.plan', { text }));
    expect({ valid, made }).toEqual({ valid: false, made: null });
    expect(problems.map(({ field }) => field)).toContain('lab');
  });

  it('asks for answers where there were none', async () => {
    await open({ act: false });
    await expect(during(world, core.call('stack.plan', {}))).rejects.toMatchObject({
      key: 'stack.answers-missing',
    });
  });
});

describe('stack.up', () => {
  it('brings up what was agreed to, and a second time does nothing to any container', async () => {
    await open();
    const { run, gitlabUrl, message } = await up();
    expect({ run, gitlabUrl }).toEqual({ run: 1, gitlabUrl: 'https://gitlab.lab.home.arpa' });
    expect(message).toContain('Everything is up.');
    const before = world.stack.compose.all();
    const second = await plan({ ...answers });
    expect(second.plan).toMatchObject({ isNothing: true });
    await during(world, core.call('stack.up', {}));
    expect(world.stack.compose.all()).toEqual(before);
  });

  it('has the home serve the new GitLab', async () => {
    await open();
    await up();
    const { settings } = await core.call('settings.show', {});
    expect(settings).toMatchObject({
      gitlab: {
        ...{ kind: 'server', url: 'https://gitlab.lab.home.arpa' },
        ca: `${world.stack.folder.pathOf('lab')}/ca.crt`,
        stack: { network: 'autogit-lab_inner', connect: '192.168.1.10:443' },
      },
    });
  });

  it('does nothing before somebody has agreed, nor when it is not that plan any more', async () => {
    await open();
    await expect(during(world, core.call('stack.up', { answers }))).rejects.toMatchObject({
      key: 'stack.not-agreed',
    });
    await expect(
      during(world, core.call('stack.up', { answers, plan: 'of yesterday' })),
    ).rejects.toMatchObject({
      key: 'stack.plan-changed',
    });
    expect(world.stack.journal.last()).toBeNull();
  });

  it('waits for a word about a file that a person has changed', async () => {
    await open();
    await up();
    world.stack.folder.put('lab', 'gitlab/gitlab.rb', '# mine\n');
    await expect(up()).rejects.toMatchObject({ key: 'stack.file-changed' });
    const { plan: made } = await during(world, core.call('stack.plan', { keep: ['gitlab/gitlab.rb'] }));
    await during(world, core.call('stack.up', { keep: ['gitlab/gitlab.rb'], plan: made?.hash }));
    expect(world.stack.folder.file('lab', 'gitlab/gitlab.rb')).toBe('# mine\n');
    expect((await plan()).plan).toMatchObject({ isNothing: true });
  });

  it('ends with what ended the run', async () => {
    await open();
    const { services } = await plan();
    for (const { image } of services) world.stack.images.missing.add(image);
    await expect(up()).rejects.toMatchObject({ key: 'engine.image-missing' });
    const status = await during(world, core.call('stack.status', {}));
    expect(status).toMatchObject({
      state: 'down',
      run: null,
      last: { verb: 'up', outcome: 'engine.image-missing' },
    });
  });

  it('is not known to stand where Compose is missing, and its words say so', async () => {
    await open();
    await up();
    vi.spyOn(world.stack.compose, 'containers').mockRejectedValue(composeMissing('nothing was found'));
    const { state, sentence } = await during(world, core.call('stack.status', {}));
    expect(state).toBe('unknown');
    expect(sentence).toContain('Docker Compose is not on this machine');
    expect(sentence).not.toContain('engine does not answer');
  });

  it('is watched until its end, and shows in the snapshot', async () => {
    await open();
    const { plan: made } = await plan();
    world.stack.compose.behaviour.set('gitlab', { health: 'starting' });
    await core.call('stack.up', { answers, plan: made?.hash, wait: false });
    const told: string[] = [];
    const watching = (async () => {
      for await (const { message } of core.stream('stack.watch', {}, new AbortController().signal))
        told.push(message);
    })();
    await core.until('it goes on', ({ stack }) => stack?.state === 'busy' && stack.step === 'health');
    expect(core.snapshot().stack?.message).toMatch(/GitLab/);
    world.stack.compose.change('gitlab', { health: 'healthy' });
    await during(world, watching);
    expect(told.length).toBeGreaterThan(3);
    await core.until('it has ended', ({ stack }) => stack?.state !== 'busy');
    expect(core.snapshot().stack).toMatchObject({ project: 'autogit-lab', step: null });
  });

  it('goes on with the next core where one has ended', async () => {
    await open();
    const { plan: made } = await plan();
    await core.call('stack.up', { answers, plan: made?.hash, wait: false });
    await cores.end();
    expect(world.stack.journal.open()).toMatchObject({ verb: 'up' });
    await open({ world });
    await core.until('it has ended', () => world.stack.journal.open() === null, 600_000);
    expect(world.stack.journal.last()).toMatchObject({ verb: 'up', outcome: 'done' });
  });

  it('is taken up by no core that only looks', async () => {
    await open();
    const { plan: made } = await plan();
    await core.call('stack.up', { answers, plan: made?.hash, wait: false });
    await cores.end();
    await open({ world, act: false });
    await world.clock.advance(60_000);
    expect(world.stack.journal.open()).not.toBeNull();
  });
});

describe('a stack that is up', () => {
  it('is shown with its services, and can be restarted, taken down and given up', async () => {
    await open();
    await up();
    const status = await during(world, core.call('stack.status', {}));
    expect(status).toMatchObject({
      state: 'up',
      project: 'autogit-lab',
      certificate: { mode: 'local-ca' },
      isNew: true,
    });
    expect(status.services.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    const starts = world.stack.compose.starts.get('traefik') ?? 0;
    await during(world, core.call('stack.restart', { services: ['traefik'] }));
    expect(world.stack.compose.starts.get('traefik')).toBe(starts + 1);
    await expect(during(world, core.call('stack.restart', { services: ['nobody'] }))).rejects.toMatchObject({
      key: 'stack.service-unknown',
    });
    const down = await during(world, core.call('stack.down', {}));
    expect(down.message).toBe('The lab "lab" is down. Bring it up with: autogit stack up');
    expect(world.stack.compose.all()).toEqual([]);
    await during(world, core.call('stack.destroy', {}));
    expect((await during(world, core.call('stack.status', {}))).state).toBe('none');
    expect(world.stack.folder.data.size).toBeGreaterThan(0);
  });

  it('shows a secret to whoever asks for that one, and writes that down', async () => {
    await open();
    await up();
    const { secrets, value } = await during(world, core.call('stack.secret', {}));
    expect(value).toBeNull();
    expect(secrets.every(({ isSet }) => isSet)).toBe(true);
    const shown = await during(world, core.call('stack.secret', { name: 'gitlab-root-password' }));
    expect(shown.value).toMatch(/^\S{12,}$/);
    expect(world.store.auditLog(10)).toContainEqual(
      expect.objectContaining({ request: 'stack.secret', outcome: 'gitlab-root-password shown' }),
    );
    expect((await during(world, core.call('stack.status', {}))).isNew).toBe(false);
    await expect(during(world, core.call('stack.secret', { name: 'nothing' }))).rejects.toMatchObject({
      key: 'stack.secret-unknown',
    });
  });

  it('shows the code that Authelia has written, to whom it is, and writes that down', async () => {
    await open();
    await up({ ...answers, sso: 'authelia', templates: { authelia: { factors: 'two_factor' } } });
    expect((await during(world, core.call('stack.status', {}))).needsCodes).toBe(true);
    const none = { key: 'stack.code-none' };
    await expect(during(world, core.call('stack.code', {}))).rejects.toMatchObject(none);
    world.stack.compose.contents.set('authelia /data/notification.txt', '');
    await expect(during(world, core.call('stack.code', {}))).rejects.toMatchObject(none);
    world.stack.compose.contents.set('authelia /data/notification.txt', writtenCode);
    expect(await during(world, core.call('stack.code', {}))).toEqual({
      ...{ code: 'ABCD2345', at: Date.UTC(2026, 10, 22, 11, 26, 10, 123), subject: 'Confirm your identity' },
      recipient: 'admin admin@lab.home.arpa',
    });
    const log = world.store.auditLog(10);
    expect(log).toContainEqual(
      expect.objectContaining({ request: 'stack.code', outcome: 'shown, for admin admin@lab.home.arpa' }),
    );
    expect(JSON.stringify(log)).not.toContain('ABCD2345');
  });

  it('has no code where there is no Authelia', async () => {
    await open();
    await up();
    expect((await during(world, core.call('stack.status', {}))).needsCodes).toBeUndefined();
    await expect(during(world, core.call('stack.code', {}))).rejects.toMatchObject({
      key: 'stack.service-unknown',
    });
  });

  it('says of its secrets what is wrong with its answers, where no stack can be made of them any more', async () => {
    await open();
    await up();
    world.stack.journal.setCurrent(stackAnswersSchema.parse({ ...answers, templates: { gone: {} } }));
    const refused = { key: 'template.unknown' };
    await expect(during(world, core.call('stack.secret', {}))).rejects.toMatchObject(refused);
    const shown = during(world, core.call('stack.secret', { name: 'gitlab-root-password' }));
    await expect(shown).rejects.toMatchObject(refused);
    const input = { name: 'mail-password', value: 'secret' };
    await expect(during(world, core.call('stack.set-secret', input))).rejects.toMatchObject(refused);
    await during(world, core.call('stack.set-secret', { ...input, lab: 'lab' }));
    expect(world.secrets.get('stack/lab/mail-password')).toBe('secret');
  });

  it('gives what its services have printed, once or as it comes', async () => {
    await open();
    await up();
    world.stack.compose.printed.set('traefik', 'one\ntwo');
    const read = async (follow: boolean): Promise<string> => {
      const stop = new AbortController();
      let text = '';
      for await (const part of core.stream('stack.logs', { service: 'traefik', follow }, stop.signal)) {
        text += part.text;
        if (follow && text.includes('two')) stop.abort();
      }
      return text;
    };
    expect(await read(false)).toBe('one\ntwo');
    expect(await read(true)).toBe('one\ntwo\n');
  });
});

describe('a home without a stack', () => {
  it.each(['stack.restart', 'stack.down', 'stack.destroy'] as const)('refuses %s', async (name) => {
    await open();
    await expect(during(world, core.call(name, {}))).rejects.toMatchObject({ key: 'stack.none' });
  });

  it('has an empty status, no secrets, and nothing in the snapshot', async () => {
    await open({ act: false });
    expect(await during(world, core.call('stack.status', {}))).toMatchObject({ state: 'none', services: [] });
    expect(await during(world, core.call('stack.secret', {}))).toEqual({ secrets: [], value: null });
    expect(core.snapshot().stack).toBeUndefined();
  });

  it('takes a secret for a lab that is not up yet', async () => {
    await open();
    const input = { name: 'mail-password', lab: 'lab', value: 'secret' };
    await during(world, core.call('stack.set-secret', input));
    expect(world.secrets.get('stack/lab/mail-password')).toBe('secret');
    await expect(
      during(world, core.call('stack.set-secret', { name: 'x', value: 'y' })),
    ).rejects.toMatchObject({
      key: 'stack.none',
    });
  });
});
