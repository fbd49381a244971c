// What the requests about AutoGit itself do: they read, and look at nothing that is slow.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import type { RequestContext } from './requests.ts';

/** A version that is not known yet is left out. */
function known(
  name: string,
  version: string | null | undefined,
): readonly Output<'about.show'>['versions'][number][] {
  return version === null || version === undefined || version === '' ? [] : [{ name, version }];
}

/** `about.show`. */
export async function showAbout({
  program,
  probe,
  live,
  store,
}: RequestContext): Promise<Output<'about.show'>> {
  const { platform, arch, kernel } = probe.self();
  const { nodes, home } = live.current();
  return {
    version: program.version,
    versions: [
      ...known('AutoGit', program.version),
      ...known('Node', process.versions.node),
      ...known('Electron', process.versions['electron']),
      ...known('Chromium', process.versions['chrome']),
      ...known('SQLite', program.sqlite),
      ...nodes.flatMap(({ engine }) => known(`Engine (${engine.kind ?? 'unknown'})`, engine.version)),
      ...known('System', [platform, arch, kernel].filter((part) => part !== '').join(' ')),
    ],
    home,
    instance: store.instance,
    licence: 'MIT',
  };
}

/** `about.licences`. Rejects with `about.no-licenses`, `about.unknown-package`. */
export async function listLicences(
  { name }: ParsedInput<'about.licences'>,
  { program }: RequestContext,
): Promise<Output<'about.licences'>> {
  const all = (await program.readLicences?.()) ?? [];
  const texts = name === undefined ? [] : all.filter((one) => one.name === name);
  if (name !== undefined && texts.length === 0) {
    throw new AutoGitError({
      key: 'about.unknown-package',
      message: `${JSON.stringify(name)} is not in this AutoGit.`,
      next: 'See what is with: autogit about licenses',
    });
  }
  return {
    packages: all.map(({ name: of, version, licence }) => ({ name: of, version, licence })),
    texts: texts.map((one) => ({ ...one })),
  };
}
