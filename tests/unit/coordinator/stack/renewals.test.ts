// Certificate and token of a stack that is up are renewed by AutoGit itself, between runs, whole at every instant.
import { beforeEach, describe, expect, it } from 'vitest';
import { renewalRoundMs } from '../../../../main/coordinator/stack/renewals.ts';
import { hashOf } from '../../../../main/model/stack/content-hash.ts';
import { servedFile } from '../../../../main/model/stack/made-files.ts';
import { keyOf, paper } from '../../../fakes/fake-stack-crypto.ts';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { keysOf, served, stand } from '../../../fakes/renewal-bench.ts';
import type { RenewalBench } from '../../../fakes/renewal-bench.ts';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const day = 24 * 3_600_000;
const begin = 1_800_000_000_000;

let bench: RenewalBench;
beforeEach(async () => {
  bench = await stand();
});

describe('the certificate of the own authority', () => {
  it('is renewed while a third of its life is left, and nothing is restarted', async () => {
    const { world, renewals, told } = bench;
    const before = served(world);
    await renewals.look();
    world.clock.pass(264 * day);
    await renewals.look();
    expect(served(world)).toEqual(before);
    expect(told).toEqual([]);
    world.clock.pass(day);
    await renewals.look();
    const after = served(world);
    expect(after.certificate).not.toBe(before.certificate);
    expect(await world.crypto.matches(after.certificate ?? '', after.key ?? '')).toBe(true);
    expect(told).toContain('stack.renew-certificate done');
    expect(Object.fromEntries(world.compose.starts)).toEqual({ traefik: 1, gitlab: 1 });
  });

  it('of before stays until the next look, since Traefik may be reading it, and then goes', async () => {
    const { world, renewals } = bench;
    const pairs = (): number => world.folder.paths('lab').filter((path) => path.endsWith('/key.pem')).length;
    world.clock.pass(300 * day);
    await renewals.look();
    expect(pairs()).toBe(2);
    world.clock.pass(day);
    await renewals.look();
    expect(pairs()).toBe(1);
    expect(served(world).key).not.toBeNull();
  });

  it('follows names that a version of AutoGit adds', async () => {
    const { world, renewals } = bench;
    world.change = (stack) => ({
      ...stack,
      names: [...stack.names, { name: 'new.lab.home.arpa', what: 'New', addresses: [] }],
    });
    await renewals.look();
    expect(served(world).certificate).toContain('new.lab.home.arpa');
  });

  it('is left alone when it is due and the stack is down', async () => {
    const { world, runs, renewals } = bench;
    await runs.begin('down', benchAnswers(), benchWish);
    await runs.ended();
    const before = served(world);
    world.clock.pass(300 * day);
    await renewals.look();
    expect(served(world)).toEqual(before);
  });

  it('stays when the folder refuses, is an issue, is tried again with longer pauses, and the issue goes once it is mended', async () => {
    const { world, renewals, told } = bench;
    world.clock.pass(300 * day);
    const before = served(world);
    world.faults.fail('folder.write tls/', stackFailure('stack.no-space', 'The disk is full.'));
    await renewals.look();
    expect(renewals.issues()).toMatchObject([
      { key: 'stack.certificate-not-renewed', severity: 'warning', next: 'This is a fake.' },
    ]);
    expect(renewals.issues()[0]?.message).toContain('The disk is full.');
    expect(served(world)).toEqual(before);
    const tries = (): number => told.filter((one) => one === 'stack.renew-certificate stack.no-space').length;
    const counts: number[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      world.clock.pass(renewalRoundMs);
      await renewals.look();
      counts.push(tries());
    }
    // After 10, and after 20 more.
    expect([counts[8], counts[9], counts[28], counts[29], counts[59]]).toEqual([1, 2, 2, 3, 3]);
    world.faults.mend();
    world.clock.pass(day);
    await renewals.look();
    expect(renewals.issues()).toEqual([]);
    expect(served(world).certificate).not.toBe(before.certificate);
  });

  it('is made anew for a person who asks, also where none is due, and not beside a run', async () => {
    const { world, renewals, told } = bench;
    const before = served(world);
    expect(await renewals.renewCertificate()).toBe(true);
    expect(served(world).certificate).not.toBe(before.certificate);
    expect(told).toContain('stack.renew-certificate done');
    expect(Object.fromEntries(world.compose.starts)).toEqual({ traefik: 1, gitlab: 1 });
    world.journal.begin({ verb: 'restart', answers: benchAnswers(), wish: benchWish, at: begin });
    expect(await renewals.renewCertificate()).toBeNull();
  });

  it('that could not be renewed is no issue any more once a person has had it renewed', async () => {
    const { world, renewals } = bench;
    world.clock.pass(300 * day);
    world.faults.fail('folder.write tls/', stackFailure('stack.no-space', 'The disk is full.'));
    await renewals.look();
    expect(keysOf(bench)).toEqual(['stack.certificate-not-renewed']);
    await expect(renewals.renewCertificate()).rejects.toMatchObject({ key: 'stack.no-space' });
    world.faults.mend();
    await renewals.renewCertificate();
    expect(keysOf(bench)).toEqual([]);
  });

  it('is not written over what a person has put in its place', async () => {
    const { world, renewals } = bench;
    world.folder.put('lab', servedFile, '# mine\n');
    world.clock.pass(300 * day);
    await renewals.look();
    expect(world.folder.file('lab', servedFile)).toBe('# mine\n');
    expect(renewals.issues()[0]?.next).toContain(`--replace ${servedFile}`);
  });

  it('of a root that ends soon waits for a person, because every device has to trust the next one', async () => {
    const { world, renewals } = bench;
    world.clock.pass(3_640 * day);
    await renewals.look();
    expect(keysOf(bench)).toContain('stack.certificate-not-renewed');
    expect(renewals.issues()[0]?.message).toContain('root');
    expect(world.faults.count('crypto.authority')).toBe(1);
  });
});

describe('a stack that a version before has brought up', () => {
  /** As that version has left the folder. */
  const former = (world: StackWorld): void => {
    for (const path of world.folder.paths('lab').filter((one) => one.startsWith('tls/')))
      world.folder.put('lab', path, null);
    world.folder.put('lab', servedFile, null);
    world.journal.wrote('lab', servedFile, null);
    world.folder.put('lab', 'tls/certificate.pem', 'the former one');
    world.folder.put('lab', 'secrets/tls-key', 'its key');
    world.journal.wrote('lab', 'secrets/tls-key', 'mark');
    const compose = world.folder.file('lab', 'compose.yaml') ?? '';
    const text = `${compose}secrets: {tls-key: {file: ./secrets/tls-key}}\n`;
    world.folder.put('lab', 'compose.yaml', text);
    world.journal.wrote('lab', 'compose.yaml', hashOf(text));
  };

  it('is not touched, and asked for an up once its certificate is due', async () => {
    const { world, renewals } = bench;
    former(world);
    await renewals.look();
    expect(renewals.issues()).toEqual([]);
    world.clock.pass(300 * day);
    await renewals.look();
    expect(renewals.issues()[0]?.next).toContain('autogit stack up');
    expect(world.folder.file('lab', 'tls/certificate.pem')).toBe('the former one');
  });

  it('loses the former files after that up, not before, since the former Traefik reads them', async () => {
    const { world, runs, renewals } = bench;
    former(world);
    await renewals.look();
    expect(world.folder.file('lab', 'secrets/tls-key')).toBe('its key');
    await runs.begin('up', benchAnswers(), benchWish);
    expect(await runs.ended()).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'secrets/tls-key')).toBe('its key');
    await renewals.look();
    expect(world.folder.file('lab', 'secrets/tls-key')).toBeNull();
    expect(world.folder.file('lab', 'tls/certificate.pem')).toBeNull();
    expect(world.journal.written('lab')['secrets/tls-key']).toBeUndefined();
    expect(served(world).key).not.toBeNull();
  });
});

describe('a certificate of the person', () => {
  const own = benchAnswers({
    tls: { mode: 'own', certificate: '/etc/ssl/lab.pem', key: '/etc/ssl/lab.key' },
  });
  const good = { names: ['*.lab.home.arpa'], from: begin - 30 * day, to: begin + 90 * day, serial: 7 };
  const put = (world: StackWorld, content: Parameters<typeof paper>[0], serial = content.serial): void =>
    void world.texts.set('/etc/ssl/lab.pem', paper(content)).set('/etc/ssl/lab.key', keyOf(serial));

  async function standOwn(content = good): Promise<RenewalBench> {
    const world = new StackWorld();
    put(world, content);
    const made = await stand(own, world);
    await made.renewals.look();
    return made;
  }

  const minutes = async ({ world, renewals }: RenewalBench, count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) {
      world.clock.pass(renewalRoundMs);
      await renewals.look();
    }
  };

  it('is replaced within minutes when both files are others, and not while only one of them is', async () => {
    const made = await standOwn();
    const next = { ...good, to: begin + 300 * day, serial: 8 };
    made.world.texts.set('/etc/ssl/lab.pem', paper(next));
    await minutes(made, 1);
    made.world.texts.set('/etc/ssl/lab.key', keyOf(8));
    await minutes(made, 1);
    expect(keysOf(made)).toEqual([]);
    expect(served(made.world)).toEqual({ certificate: paper(good), key: keyOf(7) });
    await minutes(made, 1);
    expect(served(made.world)).toEqual({ certificate: paper(next), key: keyOf(8) });
    expect(made.told).toContain('stack.renew-certificate done');
  });

  it.each([
    ['belong', { ...good, serial: 9 }, 10],
    ['holds from', { ...good, to: begin - day, serial: 9 }, 9],
    ['is not for', { ...good, names: ['else.where'], serial: 9 }, 9],
    ['no root', { ...good, serial: 9, chain: 'nobody has it' }, 9],
    ['another root', { ...good, serial: 9, chain: 'own' }, 9],
  ])(
    'that is not valid (%s) is an issue that says so, while the old one is served on',
    async (why, content, serial) => {
      const made = await standOwn();
      put(made.world, content, serial);
      await minutes(made, 2);
      expect(keysOf(made)).toEqual(['stack.certificate-not-renewed']);
      expect(made.renewals.issues()[0]?.message).toContain(why);
      expect(served(made.world)).toEqual({ certificate: paper(good), key: keyOf(7) });
      put(made.world, { ...good, serial: 11 });
      await minutes(made, 2);
      expect(keysOf(made)).toEqual([]);
      expect(served(made.world).key).toBe(keyOf(11));
    },
  );

  it('of which one file is new is not looked at, also where the daily look is due', async () => {
    const made = await standOwn();
    made.world.texts.set('/etc/ssl/lab.pem', paper({ ...good, serial: 8 }));
    made.world.clock.pass(2 * day);
    await made.renewals.look();
    expect([keysOf(made), made.told]).toEqual([[], []]);
  });

  it('whose files are gone is served on, and is an issue', async () => {
    const made = await standOwn();
    made.world.texts.clear();
    await minutes(made, 2);
    expect(keysOf(made)).toEqual(['stack.certificate-not-renewed']);
    expect(served(made.world).certificate).toBe(paper(good));
  });
});

describe("AutoGit's token", () => {
  const tokenOf = ({ secrets }: StackWorld): string => secrets.kept.get('gitlab.token') ?? '';

  it('is rotated while a month is left, and is another one at once', async () => {
    const { world, renewals, told } = bench;
    const before = tokenOf(world);
    world.clock.pass(334 * day);
    await renewals.look();
    expect(tokenOf(world)).toBe(before);
    world.clock.pass(day);
    await renewals.look();
    expect(tokenOf(world)).not.toBe(before);
    expect([...world.gitlab.tokens.keys()]).toEqual([tokenOf(world)]);
    expect(told).toContain('stack.renew-token done');
    expect(world.faults.count('compose.exec')).toBe(1);
  });

  it('is made anew when it has ended while nothing ran', async () => {
    const { world, renewals } = bench;
    await renewals.look();
    world.clock.pass(366 * day);
    world.gitlab.tokens.clear();
    await renewals.look();
    expect(world.gitlab.tokens.has(tokenOf(world))).toBe(true);
  });

  it('that somebody has revoked is not made anew behind their back', async () => {
    const { world, renewals } = bench;
    const before = tokenOf(world);
    world.gitlab.tokens.clear();
    await renewals.look();
    expect(renewals.issues()).toMatchObject([{ key: 'stack.token-not-renewed' }]);
    expect(renewals.issues()[0]?.next).toContain('autogit stack up');
    expect(tokenOf(world)).toBe(before);
  });

  it('is shown to no other GitLab', async () => {
    const { world, renewals } = bench;
    world.home.other = 'the GitLab at https://elsewhere.example';
    world.faults.calls.length = 0;
    await renewals.look();
    expect(world.faults.count('gitlab.')).toBe(0);
  });

  it('is asked about again when GitLab does not answer, and an issue after a day of that', async () => {
    const { world, renewals } = bench;
    world.notReady.push(...Array.from({ length: 100 }, () => 'nothing answers'));
    await renewals.look();
    expect(renewals.issues()).toEqual([]);
    for (let hour = 0; hour < 31; hour += 1) {
      world.clock.pass(3_600_000);
      await renewals.look();
    }
    expect(keysOf(bench)).toEqual(['stack.token-not-renewed']);
    world.notReady.length = 0;
    world.clock.pass(day);
    await renewals.look();
    expect(renewals.issues()).toEqual([]);
  });
});

describe('renewals and runs', () => {
  it('never go on at the same time: what is open is not disturbed, and what is due is done after it', async () => {
    const { world, runs, renewals } = bench;
    const before = served(world);
    world.clock.pass(300 * day);
    world.journal.begin({ verb: 'restart', answers: benchAnswers(), wish: benchWish, at: world.clock.now() });
    await renewals.look();
    expect(served(world)).toEqual(before);
    await runs.resume();
    await runs.ended();
    await renewals.look();
    expect(served(world)).not.toEqual(before);
  });

  it('that gave way are no failure, and are done after the run', async () => {
    const { world, runs, renewals, told } = bench;
    const before = served(world);
    world.clock.pass(300 * day);
    const begun: Promise<number>[] = [];
    world.faults.before('folder.write tls/', () => {
      begun.push(runs.begin('restart', benchAnswers(), benchWish));
      world.faults.fail('folder.write tls/', new Error('stopped by the signal'), 1);
    });
    await renewals.look();
    await Promise.all(begun);
    expect(begun).toHaveLength(1);
    await runs.ended();
    expect([renewals.issues(), told]).toEqual([[], []]);
    expect(served(world)).toEqual(before);
    await renewals.look();
    expect(served(world)).not.toEqual(before);
  });

  it('give way to a run that begins, which then finds its own order', async () => {
    const { runs } = bench;
    const order: string[] = [];
    let hasBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve;
    });
    const aside = runs.aside(
      (signal) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            order.push('stopped');
            resolve();
          });
          hasBegun();
        }),
    );
    await begun;
    expect(await runs.aside(() => Promise.resolve('second'))).toBeNull();
    await runs.begin('restart', benchAnswers(), benchWish);
    order.push('begun');
    await aside;
    expect(order).toEqual(['stopped', 'begun']);
    expect(await runs.aside(() => Promise.resolve('while it goes on'))).toBeNull();
    await runs.ended();
    expect(await runs.aside(() => Promise.resolve('after'))).toBe('after');
  });
});
