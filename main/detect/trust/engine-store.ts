// Where the container engine looks for roots of registries.
import type { RootStore } from '../../model/trust.ts';
import type { Probe } from '../../probe-port.ts';
import { foreignFolder } from './foreign-folder.ts';
import { readFolder } from './read-folder.ts';
import { rootOnly } from './system-store.ts';

export interface TrustingEngine {
  readonly kind: 'docker' | 'podman';
  readonly rootless: boolean;
}

/**
 * Each file `*.crt` of a registry's folder is a root for it, read anew with each pull: no engine has to be restarted.
 * https://docs.docker.com/engine/security/certificates/, containers-certs.d(5)
 */
export function engineFolder({ kind, rootless }: TrustingEngine, home: string): string {
  const own = kind === 'docker' ? 'docker' : 'containers';
  return rootless ? `${home}/.config/${own}/certs.d` : `/etc/${own}/certs.d`;
}

/** The home in which an engine without root has its folder. */
function homeOf(folder: string): readonly string[] {
  const [, home] = /^(.+)\/\.config\/(?:docker|containers)\/certs\.d\//.exec(folder) ?? [];
  return home === undefined ? [] : [home];
}

/** `registry`: host, with its port where that is not 443. Never rejects. */
export async function detectEngineStore(folder: string, registry: string, probe: Probe): Promise<RootStore> {
  const found = await readFolder(folder, probe);
  const isOfDocker = folder.includes('/docker/');
  return {
    ...{ id: `engine:${folder}`, kind: 'engine', path: folder },
    label: `${isOfDocker ? 'Docker' : 'Podman'}, for images of ${registry}`,
    way: { kind: 'files', folder, extension: '.crt', refresh: null, isOwnFolder: true },
    found,
    trusted: found.filter(({ name }) => name.endsWith('.crt')).map(({ fingerprint }) => fingerprint),
    obstacle: folder.startsWith('/etc/')
      ? rootOnly(probe.self(), "the engine's folder")
      : await foreignFolder([...homeOf(folder), folder], probe),
  };
}
