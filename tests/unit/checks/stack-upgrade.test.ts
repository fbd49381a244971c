// What a start may do to data that another version has written: forward with a warning, back and past a stop never.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBeforeUp, checkStack } from '../../../main/checks/stack/index.ts';
import type { Finding } from '../../../main/checks/hardware/check.ts';
import type { RenderedService, StackPresent } from '../../../main/model/stack/stack.ts';
import { planStack } from '../../../main/plan/stack/plan-stack.ts';
import { noWish, nothingPresent, someContainer } from '../../fakes/some-stack.ts';
import { ourStack, subjectWith } from '../../fakes/stack-subject.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const imageOf = (version: string): string => `gitlab/gitlab-ce:${version}-ce.0@${digest}`;
const stops = ['17.5', '17.8', '17.11', '18.2', '18.5'];
const ours = ['stack.downgrade', 'stack.upgrade-skips-stop', 'stack.backup-first'];

interface Case {
  readonly to: string;
  readonly service?: Partial<RenderedService>;
  readonly present?: Partial<StackPresent>;
}

/** The pretended stack with GitLab in this version. */
function stackWith({ to, service = {} }: Case) {
  const services = ourStack.services.map((one) =>
    one.name === 'gitlab'
      ? { ...one, image: imageOf(to), keepsForward: true as const, stops, ...service }
      : one,
  );
  return { ...ourStack, services };
}

const stood = (from: string): Partial<StackPresent> => ({ dataImages: { gitlab: imageOf(from) } });

function findings(one: Case): readonly Finding[] {
  const present = { ...nothingPresent, answers: ourStack.answers, ...one.present };
  const subject = { ...subjectWith({ rest: { present } }), stack: stackWith(one) };
  return checkBeforeUp(subject).filter(({ key }) => ours.includes(key));
}
const keys = (one: Case): readonly string[] => findings(one).map(({ key }) => key);

describe('a start with another version of a service', () => {
  it('is refused where it leaves out stops, which are named in their order', () => {
    const found = findings({ to: '18.5.2', present: stood('17.6.3') });
    expect(found).toMatchObject([{ key: 'stack.upgrade-skips-stop', severity: 'error', subject: 'gitlab' }]);
    expect(found[0]?.message).toContain(
      'from 17.6.3 to 18.5.2 at once: it has to stop at 17.8, 17.11, 18.2,',
    );
    expect(found[0]?.next).toMatch(/17\.8 \(its newest patch\), then 17\.11 .*, then 18\.2 /);
  });

  it('goes to the next stop, from a stop on, and within a version, with a copy made before', () => {
    for (const [from, to] of [
      ...[
        ['17.6.0', '17.8.7'],
        ['17.8.7', '17.11.1'],
        ['18.5.0', '19.0.1'],
        ['18.5.0', '18.5.4'],
      ],
    ] as const)
      expect(keys({ to, present: stood(from) }), `${from} ${to}`).toEqual(['stack.backup-first']);
  });

  it('is refused where it is an older one, and both versions are named', () => {
    const found = findings({ to: '18.4.9', present: stood('18.5.0') });
    expect(found).toMatchObject([{ key: 'stack.downgrade', severity: 'error', subject: 'gitlab' }]);
    expect(found[0]?.message).toMatch(/written by 18\.5\.0, and 18\.4\.9 is older/);
    expect(keys({ to: '18.5.0', present: stood('18.5.3') })).toEqual(['stack.backup-first']);
  });

  it('warns where the version of an image is not told', () => {
    const present = { dataImages: { gitlab: `example/gitlab:latest@${digest}` } };
    expect(findings({ to: '18.5.0', present })[0]?.message).toContain('from example/gitlab:latest to 18.5.0');
  });

  it('is nobody’s business where the service keeps nothing that migrates, but for its stops', () => {
    const keysFor = (from: string, to: string): readonly string[] => {
      const services = ourStack.services.map((one) =>
        one.name === 'gitlab' ? { ...one, image: imageOf(to), stops } : one,
      );
      const present = { ...nothingPresent, answers: ourStack.answers, ...stood(from) };
      const subject = { ...subjectWith({ rest: { present } }), stack: { ...ourStack, services } };
      return checkBeforeUp(subject)
        .map(({ key }) => key)
        .filter((key) => ours.includes(key));
    };
    expect(keysFor('18.5.0', '18.6.0')).toEqual([]);
    expect(keysFor('18.5.0', '18.4.0')).toEqual([]);
    expect(keysFor('17.6.0', '18.4.0')).toEqual(['stack.upgrade-skips-stop']);
  });

  it('says nothing of the same version, of a first start, and of data in another place', () => {
    expect(keys({ to: '18.5.0', present: stood('18.5.0') })).toEqual([]);
    expect(keys({ to: '18.5.0' })).toEqual([]);
    const moved = { ...ourStack.answers, data: '/srv/elsewhere' };
    expect(keys({ to: '18.5.0', present: { ...stood('17.5.0'), answers: moved } })).toEqual([]);
  });

  it('knows a newer version by its container, too, where it never came up whole', () => {
    const containers = [someContainer('gitlab', { image: imageOf('18.6.0'), state: 'exited' })];
    const present = { ...stood('18.5.0'), containers };
    expect(keys({ to: '18.5.0', present })).toEqual(['stack.downgrade']);
    const former = { project: 'autogit-old', containers };
    expect(keys({ to: '18.5.0', present: { former } })).toEqual(['stack.downgrade']);
    const byDigest = [someContainer('gitlab', { image: digest })];
    expect(keys({ to: '18.5.0', present: { ...stood('18.5.0'), containers: byDigest } })).toEqual([]);
  });

  it('is not the doctor’s business before somebody starts it', () => {
    const present = { ...nothingPresent, answers: ourStack.answers, ...stood('17.5.0') };
    const subject = { ...subjectWith({ rest: { present } }), stack: stackWith({ to: '18.5.0' }) };
    expect(checkStack(subject).filter(({ key }) => ours.includes(key))).toEqual([]);
  });
});

describe('versions on the way', () => {
  const part = fc.integer({ min: 0, max: 12 });
  const version = fc.tuple(fc.integer({ min: 17, max: 19 }), part, part);
  type Version = readonly [number, number, number];
  const text = (parts: readonly number[]): string => parts.join('.');
  const go = (from: Version, to: Version): readonly string[] =>
    keys({ to: text(to), present: stood(text(from)) });
  const order = (a: readonly number[], b: readonly number[]): number =>
    a.map((one, at) => one - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
  const minor = ([major, second]: Version): readonly number[] => [major, second];

  it('are one of: the same, older, past a stop, or forward with a copy', () => {
    fc.assert(
      fc.property(version, version, (from, to) => {
        const skips = stops.some((stop) => {
          const at = stop.split('.').map(Number);
          return order(minor(from), at) < 0 && order(at, minor(to)) < 0;
        });
        const expected =
          order(from, to) === 0
            ? []
            : order(minor(to), minor(from)) < 0
              ? ['stack.downgrade']
              : [skips ? 'stack.upgrade-skips-stop' : 'stack.backup-first'];
        expect(go(from, to)).toEqual(expected);
      }),
    );
  });

  it('lead everywhere by the stops that a refusal names', () => {
    fc.assert(
      fc.property(version, version, (from, to) => {
        fc.pre(order(minor(from), minor(to)) <= 0);
        const [refusal] = findings({ to: text(to), present: stood(text(from)) });
        const named = /stop at (.*), or/.exec(refusal?.message ?? '')?.[1]?.split(', ') ?? [];
        const way = [text(from), ...named.map((stop) => `${stop}.0`), text(to)];
        for (const [at, next] of way.slice(1).entries())
          expect(keys({ to: next, present: stood(way[at] ?? '') })).not.toContain('stack.upgrade-skips-stop');
      }),
    );
  });

  it('are never left out by going in two steps instead of one', () => {
    fc.assert(
      fc.property(version, version, version, (one, two, three) => {
        fc.pre(order(minor(one), minor(two)) <= 0 && order(minor(two), minor(three)) <= 0);
        const isRefused = (from: Version, to: Version): boolean =>
          go(from, to).includes('stack.upgrade-skips-stop');
        if (!isRefused(one, three))
          expect([isRefused(one, two), isRefused(two, three)]).toEqual([false, false]);
      }),
    );
  });
});

it('a plan with such a finding is no plan that anybody can agree to', () => {
  const present = { ...nothingPresent, ...stood('17.5.0') };
  const stack = stackWith({ to: '18.5.0' });
  const issues = findings({ to: '18.5.0', present });
  const plan = planStack({ stack, present, folder: '/x', wish: noWish, issues });
  expect(plan.isNothing).toBe(false);
  expect(plan.issues).toContainEqual(expect.objectContaining({ key: 'stack.upgrade-skips-stop' }));
});
