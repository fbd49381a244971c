// Whose an object is, whatever labels its image brings. `AUTOGIT_PROPERTY_STEPS=1000000` for a long run.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeContainer } from '../../../main/gateway/create-container.ts';
import { ownerOf } from '../../../main/gateway/labels.ts';
import { isSigned, label, labelOf, ownLabels, signLabels } from '../../../main/model/labels.ts';
import { jobBody, someGrant, someKnown } from '../../fakes/gateway.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';

type Labels = Readonly<Record<string, string>>;
const sign = (text: string): string => createHmac('sha256', 'key').update(text).digest('hex');
const instance = 'home-1';
const names = Object.values(label);
const ofImage = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...names, 'autogit.x', 'Autogit.pool', 'autogit.', '__proto__', 'com.example.note'),
    fc.string().map((text) => `autogit.${text}`),
  ),
  fc.oneof(fc.constantFrom('', 'true', 'runner', 'job', instance, someKnown.runner), fc.string()),
  { maxKeys: 6 },
);
/** As engines do it: what a container says itself wins. */
const join = (image: Labels, container: Labels): Labels => ({ ...image, ...container });
const someFacts = fc.record(
  {
    instance: fc.constant(instance),
    node: fc.string(),
    role: fc.constantFrom('runner', 'sandbox', 'gateway', 'network', 'volume'),
    pool: fc.option(fc.string()),
    specHash: fc.string(),
    grant: fc.string(),
    gpu: fc.string(),
  },
  { requiredKeys: ['instance', 'node', 'role', 'pool', 'specHash'] },
);

describe('labels', () => {
  it('say what we wrote, and are ours, whatever labels the image has', () => {
    fc.assert(
      fc.property(someFacts, fc.string(), ofImage, (facts, name, image) => {
        const own = signLabels(name, ownLabels(facts), sign);
        const seen = join(image, own);
        expect(isSigned(name, seen, instance, sign)).toBe(true);
        expect(names.map((key) => seen[key])).toEqual(names.map((key) => own[key]));
        expect([labelOf(seen, 'project'), labelOf(seen, 'role')]).toEqual([undefined, facts.role]);
      }),
      { numRuns: runsBy(10) },
    );
  });

  it('of a job’s container stay its runner’s, whatever image its author takes', () => {
    const taken = takeContainer(
      { ...jobBody, HostConfig: {}, NetworkingConfig: {} },
      'runner-new-build',
      someGrant,
      someKnown,
    );
    const labels = new Map(Object.entries('fields' in taken ? (taken.fields['Labels'] ?? {}) : {}));
    const own: Labels = Object.fromEntries([...labels].map(([key, value]) => [key, String(value)]));
    fc.assert(
      fc.property(ofImage, (image) => {
        expect(ownerOf('runner-new-build', join(image, own), someKnown)).toBe(someKnown.runner);
      }),
      { numRuns: runsBy(10) },
    );
  });

  it('are nobody’s when one that we know was changed', () => {
    fc.assert(
      fc.property(
        someFacts,
        fc.string(),
        fc.constantFrom(...names),
        fc.string(),
        (facts, name, key, text) => {
          const own = signLabels(name, ownLabels(facts), sign);
          fc.pre(own[key] !== text);
          expect(isSigned(name, { ...own, [key]: text }, instance, sign)).toBe(false);
        },
      ),
      { numRuns: runsBy(10) },
    );
  });

  it('that are empty say what missing ones say: nothing', () => {
    const own = signLabels(
      'a',
      ownLabels({ ...{ instance, node: 'n' }, role: 'network', pool: null, specHash: '' }),
      sign,
    );
    const without = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== ''));
    expect(Object.keys(own).toSorted()).toEqual(names.toSorted());
    expect(isSigned('a', without, instance, sign)).toBe(true);
    expect([labelOf(own, 'pool'), labelOf(without, 'pool')]).toEqual([undefined, undefined]);
  });
});
