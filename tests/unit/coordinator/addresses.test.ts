// Whether jobs are told of a root: the address of GitLab and what is wished for are of one mind.
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { addressOf, homeWishes } from '../../../main/coordinator/addresses.ts';
import { defaultSettings, gitlabSettingsSchema } from '../../../main/model/settings.ts';
import type { Settings } from '../../../main/model/settings.ts';
import { desire } from '../../../main/plan/desire.ts';
import { renderProofFile } from '../../../main/plan/proof-script.ts';
import { wayOf } from '../../../main/plan/runner-network.ts';
import { somePool } from '../../fakes/world.ts';

const own = '-----BEGIN CERTIFICATE-----\nb3du\n-----END CERTIFICATE-----\n';
const publicRoots = rootCertificates.slice(0, 3).join('\n');

function settingsWith(ca: string | null): Settings {
  const server = { kind: 'server', url: 'https://gitlab.test', ca };
  return { ...defaultSettings, gitlab: gitlabSettingsSchema.parse(server) };
}

/** As the coordinator asks, with this in the file that is in use. */
function seen(ca: string, settings = settingsWith('/srv/root.pem')) {
  const asked: unknown[] = [];
  const wishes = homeWishes(settings, {
    store: { instance: 'one' },
    settings: () => settingsWith('/srv/root.pem'),
    trusted: (gitlab) => {
      asked.push(gitlab);
      return ca;
    },
  });
  const desired = desire({ settings, requests: [], sandboxImage: 'sandbox:1', ...wishes });
  return { asked, desired };
}

describe('a root for jobs', () => {
  it.each([
    ['an own one', own, true],
    ['an own one beside public ones', `${publicRoots}\n${own}`, true],
    ['public ones alone', publicRoots, false],
  ])('%s: runners are given it, and proofs ask for it, or neither', (_, ca, isTold) => {
    const address = addressOf(settingsWith('/srv/root.pem'), [], ca);
    expect(address).toMatchObject({ ca, trustInJobs: isTold });
    expect(address !== null && 'trustInJobs' in wayOf(address)).toBe(isTold);
    expect(renderProofFile(somePool(), seen(ca).desired).includes('say trust')).toBe(isTold);
  });

  it('of another file, as before settings are changed, is supposed to be an own one, and the file is not read', () => {
    const { asked, desired } = seen(publicRoots, settingsWith('/srv/other.pem'));
    expect([asked, desired.trustInJobs]).toEqual([[], true]);
  });
});
