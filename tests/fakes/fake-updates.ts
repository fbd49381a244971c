// A place of updates without a network, and a desk over it as settings want it.
import { createUpdateDesk } from '../../main/coordinator/update-desk.ts';
import type { AutoGitError } from '../../main/errors.ts';
import type { Settings } from '../../main/model/settings.ts';
import type { UpdateManifest } from '../../main/model/updates.ts';
import type { SignedManifest, Updates } from '../../main/update-port.ts';
import { FakeClock } from './fake-clock.ts';
import { memoryStore, recordedLog } from './fake-context.ts';
import { fileOf, manifestOf, releaseOf } from './update-place.ts';

export const newFile = fileOf('autogit_1.1.0_amd64.deb', Buffer.from('new'));

/** As if a known key had signed it. */
export function signed(manifest: UpdateManifest): SignedManifest {
  const digest = `${manifest.sequence}`.padStart(64, '0');
  return { manifest, digest, bytes: Buffer.from(''), signatures: '' };
}

/** Offers one newer version until a test says otherwise. */
export class FakeUpdates implements Updates {
  readonly kind = 'deb';
  readonly arch = process.arch;
  hasKeys = true;
  asked = 0;
  readonly addresses: string[] = [];
  offered: SignedManifest | AutoGitError = signed(manifestOf([releaseOf('1.1.0', [newFile])]));
  keptNow: SignedManifest | null = null;
  staged = false;
  tidied: (string | null)[] = [];
  finish: () => void = () => undefined;

  fetchManifest: Updates['fetchManifest'] = async (address) => {
    this.asked += 1;
    this.addresses.push(address);
    if ('manifest' in this.offered) return this.offered;
    throw this.offered;
  };
  keep = async (manifest: SignedManifest): Promise<void> => void (this.keptNow = manifest);
  kept = async (): Promise<SignedManifest | null> => this.keptNow;
  stage: Updates['stage'] = (_address, { size }, onProgress) => {
    onProgress({ received: 1, total: size });
    return new Promise((resolve) => {
      this.finish = () => {
        this.staged = true;
        resolve();
      };
    });
  };
  isStaged = async (): Promise<boolean> => this.staged;
  tidy: Updates['tidy'] = async (keep) => void this.tidied.push(keep?.name ?? null);
  installPlan: Updates['installPlan'] = async () => ({
    way: 'command',
    command: 'sudo apt install it',
    path: 'it',
  });
  install: Updates['install'] = async (_file, { ask }) => ask;
}

/** Whom a core with these settings asks in two days, and what it makes of the answer. */
export async function updatesWith(settings: Settings): Promise<unknown> {
  const [updates, clock] = [new FakeUpdates(), new FakeClock()];
  const desk = createUpdateDesk({
    ...{ updates, version: '1.0.0', store: memoryStore(clock), clock, log: recordedLog() },
    ...{ settings: () => settings, randomHex: () => '8000', onChange: () => undefined },
  });
  desk.start();
  await clock.advance(2 * 24 * 3_600_000);
  const { state, problem } = await desk.status();
  const stopping = desk.stop();
  await clock.advance(1_000);
  await stopping;
  return { asked: updates.addresses, state, problem };
}
