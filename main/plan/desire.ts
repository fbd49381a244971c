// What is wished for: settings and open requests, as the one value that plans are made from.
import type { Settings } from '../model/settings.ts';
import type { RequestKind } from '../model/request.ts';
import type { Desired, Mode } from '../model/world.ts';

/** The official runner, where no sandbox brings its own. https://hub.docker.com/r/gitlab/gitlab-runner */
export const officialRunnerImage = 'gitlab/gitlab-runner:alpine-v19.4.0';

export interface Wishes {
  readonly settings: Settings;
  readonly requests: readonly RequestKind[];
  readonly instance: string;
  /** `autogit-sandbox:<content hash>`. */
  readonly sandboxImage: string;
}

function modeOf(requests: readonly RequestKind[]): Mode {
  if (requests.includes('teardown')) return 'teardown';
  return requests.includes('drain') || requests.includes('reset-sandbox') ? 'drain' : 'serve';
}

/** The named volume that holds the data of a home's sandbox. */
export function sandboxVolume(instance: string): string {
  return `autogit-sandbox-${instance.slice(0, 8)}`;
}

function sandboxWish({ settings, requests, instance, sandboxImage }: Wishes): Desired['sandbox'] {
  const volume = sandboxVolume(instance);
  if (requests.includes('reset-sandbox')) return { state: 'absent', image: sandboxImage, volume };
  if (settings.gitlab.kind !== 'sandbox') return null;
  return { state: settings.gitlab.state, image: sandboxImage, volume };
}

/** Pure: the same wishes give the same desire. */
export function desire(wishes: Wishes): Desired {
  const { settings, requests, instance, sandboxImage } = wishes;
  const ownRunner = settings.gitlab.kind === 'sandbox' && settings.gitlab.runner === 'sandbox';
  return {
    instance,
    mode: modeOf(requests),
    pools: settings.pools,
    sandbox: sandboxWish(wishes),
    runnerImage: ownRunner ? sandboxImage : officialRunnerImage,
    gatewayImage: settings.pools.some(({ executor }) => executor === 'image') ? sandboxImage : null,
    network: `autogit-${instance.slice(0, 6)}`,
  };
}
