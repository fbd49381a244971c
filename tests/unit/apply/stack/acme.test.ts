// Certificates of Let's Encrypt: the staging authority first, then the real one, whatever is killed; failures in words.
import { beforeEach, describe, expect, it } from 'vitest';
import { provenWays, triesOf } from '../../../../main/apply/stack/acme.ts';
import { needsTrial } from '../../../../main/model/stack/acme.ts';
import { hashOf } from '../../../../main/model/stack/content-hash.ts';
import type { RenderedStack } from '../../../../main/model/stack/stack.ts';
import type { ServedCertificate } from '../../../../main/model/stack/surroundings.ts';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const tls = { mode: 'acme-http', email: 'ana@example.net' };
const answers = benchAnswers({ domain: 'lab.example.net', tls });
const name = 'gitlab.lab.example.net';
const configuration = 'traefik/traefik.yaml';

let world: StackWorld;
/** Which authority Traefik was told to ask each time that it started. */
let asked: string[];
beforeEach(() => {
  world = new StackWorld();
  asked = [];
  world.change = trial;
  world.served = () => certificateOf(configured());
});

function configured(): string {
  return world.folder.file('lab', configuration) ?? '';
}

/** As the product renders it: the staging authority until the way has worked. */
function trial(stack: RenderedStack): RenderedStack {
  const isTrial = needsTrial(stack.answers.tls, stack.domain, provenWays('lab', world.secrets));
  const content = `ask: ${isTrial ? 'staging' : 'real'}\n`;
  const hash = hashOf(content);
  return {
    ...stack,
    ...(isTrial ? { isTrial: true as const } : {}),
    files: stack.files.map((file) => {
      if (file.path === configuration) return { ...file, content };
      if (file.path !== 'compose.yaml') return file;
      const [old = ''] = stack.services.flatMap((one) => (one.name === 'traefik' ? one.hash : []));
      return { ...file, content: file.content.replace(old, hash) };
    }),
    services: stack.services.map((one) => (one.name === 'traefik' ? { ...one, hash } : one)),
  };
}

function certificateOf(authority: string): ServedCertificate {
  if (asked.at(-1) !== authority) asked.push(authority);
  const from = world.clock.now() - 3_600_000;
  return { subject: name, issuer: authority, names: [name], from, to: from + 90 * 86_400_000 };
}

function fails(problem: string, at = world.clock.now()): void {
  world.served = () => null;
  const time = new Date(at).toISOString().replace(/\.\d+Z/, 'Z');
  world.compose.printed.set(
    'traefik',
    `${time} ERR Unable to obtain ACME certificate for domains error="acme: error: 403 :: urn:ietf:params:acme:error:${problem}" domains=["${name}"]`,
  );
}

describe('a stack that comes up', () => {
  it('is tried at the staging authority, then served by the real one, in one run', async () => {
    const ended = await world.up(answers);
    expect(ended?.outcome).toBe('done');
    expect(asked).toEqual(['ask: staging\n', 'ask: real\n']);
    expect(world.secrets.kept.get('stack/lab/acme-proven')).toBe('acme-http port-80 lab.example.net');
    expect(world.journal.standing()?.isUp).toBe(true);
    expect(
      [world.compose.starts.get('traefik'), world.compose.starts.get('gitlab')],
      'Traefik alone starts anew',
    ).toEqual([2, 1]);
    expect(
      world.compose
        .all()
        .map(({ service }) => service)
        .toSorted(),
    ).toEqual(['gitlab', 'traefik']);
  });

  it('asks the real one alone the next time', async () => {
    await world.up(answers);
    asked = [];
    await world.up(benchAnswers({ ...answers, policy: { ...answers.policy, sessionDays: 3 } }));
    expect(asked).toEqual(['ask: real\n']);
  });

  it('never asks the real one when the trial fails, says why, and has Traefik ask again in the next run', async () => {
    fails('caa :: CAA record for example.net prevents issuance');
    const ended = await world.up(answers);
    expect(ended?.outcome).toBe('acme.caa');
    expect(ended?.message).toContain('CAA record for example.net prevents issuance');
    expect(ended?.message).toContain('the real one has not been asked');
    expect(configured()).toBe('ask: staging\n');
    expect(world.journal.standing()).toBeNull();
    expect(triesOf('lab', world.secrets), 'the staging authority counts nothing').toEqual([]);
    world.clock.pass(60_000);
    world.served = () => certificateOf(configured());
    const started = world.compose.all().find(({ service }) => service === 'traefik')?.startedAt ?? 0;
    const again = await world.up(answers);
    expect(again?.outcome).toBe('done');
    expect(asked).toEqual(['ask: staging\n', 'ask: real\n']);
    expect(world.compose.all().find(({ service }) => service === 'traefik')?.startedAt).toBeGreaterThan(
      started,
    );
  });

  it('does not take a failure of an earlier start for one of this', async () => {
    fails('caa :: no', world.clock.now() - 600_000);
    let looks = 0;
    world.served = () => ((looks += 1) > 3 ? certificateOf(configured()) : null);
    expect((await world.up(answers))?.outcome).toBe('done');
  });

  it('keeps trying for ever at the staging authority where only a try is wanted', async () => {
    world.change = (stack) => stack;
    const staging = benchAnswers({ domain: 'lab.example.net', tls: { ...tls, staging: true } });
    const ended = await world.up(staging);
    expect(ended?.outcome).toBe('stack.certificate-staging');
    expect(triesOf('lab', world.secrets)).toEqual([]);
  });
});

describe('a lab of several names, one of which is not led here', () => {
  const dashboard = 'traefik.lab.example.net';
  const later = benchAnswers({ ...answers, policy: { ...answers.policy, sessionDays: 3 } });
  /** For these names Traefik has nothing to show but its own. */
  const lacks = (...lacking: readonly string[]): void => {
    world.served = (host) =>
      lacking.includes(host) ? null : { ...certificateOf(configured()), names: [host] };
    const time = new Date(world.clock.now()).toISOString().replace(/\.\d+Z/, 'Z');
    const lines = lacking.map(
      (one) =>
        `${time} ERR Unable to obtain ACME certificate for domains error="acme: error: 400 :: urn:ietf:params:acme:error:dns :: NXDOMAIN" domains=["${one}"]`,
    );
    world.compose.printed.set('traefik', lines.join('\n'));
  };
  beforeEach(() => {
    world.change = (stack) => {
      const others = ['auth.lab.example.net', dashboard].map((one) => ({
        ...{ name: one, what: one, addresses: [] },
      }));
      return trial({ ...stack, names: [...stack.names, ...others] });
    };
  });

  it('is told of it while the way is tried', async () => {
    lacks(dashboard);
    expect((await world.up(answers))?.outcome).toMatch(/^acme\./);
    expect(configured()).toBe('ask: staging\n');
  });

  it('comes up where it has served that way before, and no try is counted', async () => {
    lacks();
    expect((await world.up(answers))?.outcome).toBe('done');
    const tries = triesOf('lab', world.secrets);
    lacks(dashboard);
    expect((await world.up(later))?.outcome).toBe('done');
    expect(triesOf('lab', world.secrets), "Traefik's own certificate is none").toEqual(tries);
  });

  it.each([name, 'auth.lab.example.net'])('does not come up without %s', async (needed) => {
    lacks();
    expect((await world.up(answers))?.outcome).toBe('done');
    lacks(needed);
    expect((await world.up(later))?.outcome).not.toBe('done');
  });
});

it('knows a way that has worked, also after another one was tried and the lab went back', async () => {
  await world.up(answers);
  const byDns = { ...tls, mode: 'acme-dns', provider: 'desec' };
  const moved = benchAnswers({ domain: 'lab.example.net', tls: byDns, policy: { sessionDays: 3 } });
  // The real authority is asked on the new way, and gives nothing.
  world.served = () => {
    if (configured() === 'ask: staging\n') return certificateOf(configured());
    fails('caa :: no');
    return null;
  };
  world.faults.before('folder.previous', () => {
    world.served = () => certificateOf(configured());
  });
  asked = [];
  expect((await world.up(moved))?.outcome).toBe('rolled-back');
  expect(asked[0]).toBe('ask: staging\n');
  asked = [];
  expect((await world.up(answers))?.outcome).toBe('done');
  expect(asked).toEqual(['ask: real\n']);
});

describe("Let's Encrypt's limits", () => {
  it('counts certificates and failures of the real authority', async () => {
    await world.up(answers);
    expect(triesOf('lab', world.secrets)).toMatchObject([{ names: name, isDone: true }]);
  });

  it('does not ask once more when five tries have failed within the hour', async () => {
    await world.secrets.set('stack/lab/acme-proven', 'acme-http port-80 lab.example.net');
    for (let tried = 0; tried < 5; tried += 1) {
      world.clock.pass(60_000);
      fails('unauthorized :: Invalid response from http://x: 404', world.clock.now() + 3_600_000);
      expect((await world.up(answers))?.outcome).toBe('acme.other-answers');
    }
    const calls = world.faults.calls.length;
    const refused = await world.up(answers);
    expect(refused?.outcome).toBe('acme.limit-reached');
    expect(refused?.message).toContain('5 times within an hour');
    expect(world.faults.calls.slice(calls).filter((call) => call.startsWith('compose.up'))).toEqual([]);
    world.clock.pass(3_600_001);
    world.served = () => certificateOf(configured());
    expect((await world.up(answers))?.outcome).toBe('done');
  });
});

it('asks the real authority only after the staging one, and comes up, whichever call it is killed at', async () => {
  const fresh = (): void => {
    world = new StackWorld();
    asked = [];
    world.change = trial;
    world.served = () => certificateOf(configured());
  };
  fresh();
  await world.up(answers);
  const calls = world.faults.calls.length;
  for (let call = 0; call < calls; call += 1) {
    fresh();
    world.faults.killAt({ call, when: call % 2 === 0 ? 'before' : 'after' });
    await world.up(answers).catch(() => null);
    world.faults.revive();
    const core = world.core();
    const isOpen = world.journal.open() !== null;
    await core.resume();
    if (!isOpen) await core.begin('up', answers, { files: {}, services: [], deleteData: false });
    expect([call, (await core.ended())?.outcome]).toEqual([call, 'done']);
    expect([call, configured(), asked[0]]).toEqual([call, 'ask: real\n', 'ask: staging\n']);
    expect(world.journal.standing()?.isUp).toBe(true);
  }
});
