// What goes wrong on the way to the first stack: each fault has its key, and the next `up` goes on.
import { beforeEach, describe, expect, it } from 'vitest';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

async function expectGoesOn(answers = second): Promise<void> {
  world.faults.mend();
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  expect(world.folder.file('lab', 'gitlab/gitlab.rb')).toContain(`# ${answers.policy.sessionDays}\n`);
}

describe('the first stack of a home', () => {
  it('goes on after a pull that stalls again and again', async () => {
    world.images.stalled.add(...worldImages());
    expect(await world.up(first)).toMatchObject({
      ...{ outcome: 'engine.pull-stalled', step: 'pull' },
      pulls: [{ current: 100, total: 200 }],
    });
    expect(world.faults.count('images.pull')).toBe(3);
    world.images.stalled.clear();
    await expectGoesOn(first);
  });

  it('names the port that was taken between the look and the start, and who has it', async () => {
    world.faults.before('compose.up', () => {
      world.compose.takenPorts.add(443);
      world.holders.set(443, 'nginx (process 812)');
    });
    const ended = await world.up(first);
    expect(ended).toMatchObject({ outcome: 'stack.port-taken', step: 'start' });
    expect(ended?.error?.message).toBe(
      'Port 443/tcp of this machine, which the stack needs for web pages, is held by nginx (process 812).',
    );
    world.compose.takenPorts.clear();
    world.holders.clear();
    await expectGoesOn(first);
  });

  it('names the port even where nobody finds out who has it', async () => {
    world.compose.takenPorts.add(443);
    expect((await world.up(first))?.error?.message).toMatch(/Port 443\/tcp .* could not be found out/);
  });

  it('begins nothing where a port is held already', async () => {
    world.holders.set(443, 'nginx');
    expect(await world.up(first)).toMatchObject({ outcome: 'stack.port-taken', step: 'preflight' });
    expect(world.folder.paths('lab')).toEqual([]);
    expect(world.journal.current()).toBeNull();
  });

  it('goes on after the disk was full in the middle of writing', async () => {
    world.faults.fail('folder.write traefik/traefik', stackFailure('stack.no-space'), 1);
    expect(await world.up(first)).toMatchObject({ outcome: 'stack.no-space', step: 'files' });
    await expectGoesOn(first);
  });

  it('stays resumable in a folder that cannot be written', async () => {
    world.faults.fail('folder.write', stackFailure('stack.read-only'));
    expect(await world.up(first)).toMatchObject({ outcome: 'stack.read-only', step: 'secrets' });
    const kept = new Map(world.secrets.kept);
    await expectGoesOn(first);
    expect([...kept].every(([name, value]) => world.secrets.kept.get(name) === value)).toBe(true);
  });

  it('leaves things as they are when Compose fails, with its words', async () => {
    world.faults.fail(
      'compose.up',
      stackFailure('compose.failed', 'Compose could not bring it up: no such device'),
      1,
    );
    const ended = await world.up(first);
    expect(ended?.outcome).toBe('compose.failed');
    expect(ended?.error?.message).toContain('no such device');
    expect(world.folder.file('lab', 'compose.yaml')).not.toBeNull();
    await expectGoesOn(first);
  });

  it('says which secrets only the person has before it makes anything', async () => {
    world.change = (stack) => ({
      ...stack,
      secrets: [
        ...stack.secrets,
        { name: 'mail-password', kind: 'asked', of: null, label: 'Password of the relay', template: 'mail' },
      ],
    });
    const ended = await world.up(first);
    expect(ended).toMatchObject({ outcome: 'stack.secret-asked', step: 'preflight' });
    expect(ended?.error?.next).toContain('autogit stack set-secret mail-password');
    expect(world.secrets.kept.size).toBe(0);
    await world.secrets.set('stack/lab/mail-password', 'hunter22');
    await expectGoesOn(first);
    expect(world.folder.file('lab', 'secrets/mail-password')).toBe('hunter22');
  });

  it('ends with the first finding that is an error, and with the words of the others', async () => {
    const issue = (key: string, severity: 'warning' | 'error'): (typeof world.findings)[number] => ({
      ...{ key, severity, subject: 'host', message: `${key} is so.`, next: 'Mend it.' },
    });
    world.findings = [
      issue('a.b', 'warning'),
      issue('stack.memory-low', 'error'),
      issue('stack.disk-low', 'error'),
    ];
    expect(await world.up(first)).toMatchObject({
      outcome: 'stack.memory-low',
      error: { message: 'stack.memory-low is so. And 1 more: stack.disk-low is so.' },
    });
  });

  it('is refused in a home that serves another GitLab', async () => {
    world.home.other = 'https://gitlab.example.com';
    expect(await world.up(first)).toMatchObject({ outcome: 'stack.home-in-use' });
  });

  it('tells the first problem of answers that cannot be rendered', async () => {
    world.render = () => ({
      ok: false,
      problems: [
        { field: 'domain', key: 'stack.name-underscore', message: 'has an underscore', next: 'Take it out.' },
      ],
    });
    expect(await world.up(first)).toMatchObject({
      outcome: 'stack.name-underscore',
      error: { message: 'domain: has an underscore', next: 'Take it out.' },
    });
  });
});

function worldImages(): [string] {
  return [imagesOfBench()[0] ?? ''];
}

function imagesOfBench(): readonly string[] {
  const rendering = world.render(first);
  return rendering.ok ? rendering.stack.images.map(({ reference }) => reference) : [];
}
