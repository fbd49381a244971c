import { describe, expect, it } from 'vitest';
import type { RequestKind } from '../../../main/model/request.ts';
import { defaultSettings, settingsSchema } from '../../../main/model/settings.ts';
import type { GitlabSettings } from '../../../main/model/settings.ts';
import type { Desired } from '../../../main/model/world.ts';
import { desire, officialRunnerImage } from '../../../main/plan/desire.ts';
import { deepFreeze, instance } from '../../fakes/world.ts';

const sandboxImage = 'autogit-sandbox:new';
const volume = 'autogit-sandbox-0a1b2c3d';

function desireFor(gitlab: GitlabSettings, requests: readonly RequestKind[] = []): Desired {
  const settings = { ...defaultSettings, gitlab };
  return desire(deepFreeze({ settings, requests, instance, sandboxImage }));
}

const none = settingsSchema.shape.gitlab.parse({ kind: 'none' });
const sandbox = settingsSchema.shape.gitlab.parse({ kind: 'sandbox' });
const stopped = settingsSchema.shape.gitlab.parse({ kind: 'sandbox', state: 'stopped' });
const official = settingsSchema.shape.gitlab.parse({ kind: 'sandbox', runner: 'official' });
const server = settingsSchema.shape.gitlab.parse({ kind: 'server', url: 'http://gitlab.test' });

describe('what is desired', () => {
  it.each<[readonly RequestKind[], Desired['mode']]>([
    [[], 'serve'],
    [['drain'], 'drain'],
    [['reset-sandbox'], 'drain'],
    [['teardown'], 'teardown'],
    [['drain', 'teardown'], 'teardown'],
    [['reset-sandbox', 'teardown'], 'teardown'],
  ])('requests %j make the mode %s', (requests, mode) => {
    expect(desireFor(server, requests).mode).toBe(mode);
  });

  it.each<[string, GitlabSettings, readonly RequestKind[], Desired['sandbox']]>([
    ['none', none, [], null],
    ['a server', server, [], null],
    ['a sandbox', sandbox, [], { state: 'running', image: sandboxImage, volume }],
    ['a stopped sandbox', stopped, [], { state: 'stopped', image: sandboxImage, volume }],
    ['a sandbox to be reset', sandbox, ['reset-sandbox'], { state: 'absent', image: sandboxImage, volume }],
    [
      'a reset after the settings have let go of it',
      none,
      ['reset-sandbox'],
      { state: 'absent', image: sandboxImage, volume },
    ],
    ['a drained sandbox', sandbox, ['drain'], { state: 'running', image: sandboxImage, volume }],
  ])('%s: its sandbox', (_, gitlab, requests, wish) => {
    expect(desireFor(gitlab, requests).sandbox).toEqual(wish);
  });

  it.each<[string, GitlabSettings, string]>([
    ['the sandbox brings its own runner', sandbox, sandboxImage],
    ['the official runner when a person wants it', official, officialRunnerImage],
    ['the official runner for a server', server, officialRunnerImage],
    ['the official runner while there is no GitLab', none, officialRunnerImage],
  ])('%s', (_, gitlab, image) => {
    expect(desireFor(gitlab).runnerImage).toBe(image);
  });

  it('the official runner is pinned', () => {
    expect(officialRunnerImage).toMatch(/^gitlab\/gitlab-runner:alpine-v\d+\.\d+\.\d+$/);
  });

  it('pools come from the settings, the network is named after the home', () => {
    expect(desireFor({ kind: 'none' })).toMatchObject({
      instance,
      pools: defaultSettings.pools,
      network: 'autogit-0a1b2c',
    });
  });

  it('where pools may be proven, each has a tag of its own, and stays the same object', () => {
    const [pool] = desireFor(server).pools;
    expect(pool?.tags).toEqual(['docker', 'autogit', 'autogit-pool-default']);
    expect(desireFor(server).pools[0]).toBe(pool);
  });

  it.each([
    ['nobody has read the file yet', undefined, true],
    ['the file has an own root', true, true],
    ['the file has public roots alone', false, undefined],
  ])('jobs, and so proofs, are about an own root where %s', (_, ownRoots, trustInJobs) => {
    const gitlab = settingsSchema.shape.gitlab.parse({ ...server, ca: '/srv/roots.pem' });
    const settings = { ...defaultSettings, gitlab };
    const known = ownRoots === undefined ? {} : { ownRoots };
    expect(desire({ settings, requests: [], instance, sandboxImage, ...known }).trustInJobs).toBe(
      trustInJobs,
    );
  });

  it.each([
    ['auto', server, 'on'],
    ['auto', { kind: 'sandbox', state: 'running', runner: 'sandbox' }, 'asked'],
    ['auto', { kind: 'none' }, 'off'],
    ['on', { kind: 'sandbox', state: 'running', runner: 'sandbox' }, 'on'],
    ['off', server, 'off'],
  ] as const)('with proofs: %s and %o they are %s', (proofs, gitlab, mode) => {
    const settings = { ...defaultSettings, gitlab, proofs };
    expect(desire({ settings, requests: [], instance, sandboxImage: 'autogit-sandbox:1' }).proofs).toBe(mode);
  });
});
