import { describe, expect, it } from 'vitest';
import { upgradedServices } from '../../../../main/plan/stack/upgrades.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

interface Case {
  readonly name: string;
  readonly before?: string;
  readonly after: string;
  readonly keeps?: boolean;
  readonly isUpgraded: boolean;
}

const cases: readonly Case[] = [
  {
    name: 'another version',
    before: `gitlab/gitlab-ce:18.5.1-ce.0@${digest('a')}`,
    after: `gitlab/gitlab-ce:18.8.0-ce.0@${digest('b')}`,
    isUpgraded: true,
  },
  {
    name: 'the same version built anew',
    before: `gitlab/gitlab-ce:18.5.1-ce.0@${digest('a')}`,
    after: `gitlab/gitlab-ce:18.5.1-ce.0@${digest('b')}`,
    isUpgraded: false,
  },
  {
    name: 'the same version from a mirror',
    before: `docker.io/gitlab/gitlab-ce:18.5.1-ce.0@${digest('a')}`,
    after: `registry.lab:5000/mirror/gitlab/gitlab-ce:18.5.1-ce.0@${digest('a')}`,
    isUpgraded: false,
  },
  {
    name: 'another edition of the same version',
    before: 'gitlab/gitlab-ce:18.5.1',
    after: 'gitlab/gitlab-ee:18.5.1',
    isUpgraded: true,
  },
  {
    name: 'another system below the same version, which may sort texts otherwise',
    before: 'postgres:16.4-alpine',
    after: 'postgres:16.4-bookworm',
    isUpgraded: true,
  },
  {
    name: 'a tag that tells no version',
    before: `authelia/authelia:latest@${digest('a')}`,
    after: `authelia/authelia:latest@${digest('b')}`,
    isUpgraded: true,
  },
  { name: 'the very same image', before: 'own:latest', after: 'own:latest', isUpgraded: false },
  { name: 'a service that is new', after: 'gitlab/gitlab-ce:18.5.1', isUpgraded: false },
  {
    name: 'a service that migrates nothing',
    before: 'traefik:v3.6.0',
    after: 'traefik:v3.7.0',
    keeps: false,
    isUpgraded: false,
  },
];

describe('upgraded is', () => {
  it.each(cases)('$name: $isUpgraded', ({ before, after, keeps = true, isUpgraded }) => {
    const service = { name: 'one', image: after, ...(keeps ? { keepsForward: true as const } : {}) };
    const images = before === undefined ? {} : { one: before };
    expect(upgradedServices([service], images)).toEqual(isUpgraded ? ['one'] : []);
  });
});
