// Packages for Debian by its own dpkg-deb, which needs no download: the desktop out of the folder that electron-builder made,
// and a headless one with the same command line and no Electron.
import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { parse } from 'yaml';
import { z } from 'zod';
import { sayElectron } from './kit.ts';

const run = promisify(execFile);
const squeeze = promisify(gzip);

const builderSchema = z.looseObject({
  extraMetadata: z.looseObject({ homepage: z.string() }),
  protocols: z.array(z.looseObject({ schemes: z.array(z.string()) })),
  linux: z.looseObject({
    category: z.string(),
    maintainer: z.string(),
    synopsis: z.string(),
    description: z.string(),
    desktop: z.object({ entry: z.record(z.string(), z.string()) }),
  }),
  deb: z.looseObject({ depends: z.array(z.string()), recommends: z.array(z.string()) }),
});

/** What electron-builder.yml says of all packages: the one place for it. */
export type PackageFacts = z.infer<typeof builderSchema>;

/** Rejects when electron-builder.yml lacks any of it. */
export async function readFacts(root: string): Promise<PackageFacts> {
  return builderSchema.parse(parse(await readFile(path.join(root, 'electron-builder.yml'), 'utf8')));
}

export interface DebOptions {
  readonly root: string;
  readonly version: string;
  /** Where the package is written; its folder is made. */
  readonly file: string;
  /** A scratch folder beside it, for hard links: the same file system as what goes in. */
  readonly scratch: string;
  /** How hard to squeeze: `none` for a test, which reads it at once. */
  readonly compression: 'xz' | 'none';
}

/** Debian's names of architectures: https://wiki.debian.org/SupportedArchitectures */
export function debianArchitecture(arch: string = process.arch): string {
  return { x64: 'amd64', arm64: 'arm64', arm: 'armhf' }[arch] ?? arch;
}

/** An entry for menus: https://specifications.freedesktop.org/desktop-entry-spec/latest/ */
export function desktopEntry({ linux, protocols }: PackageFacts): string {
  const schemes = protocols.flatMap((one) => one.schemes.map((scheme) => `x-scheme-handler/${scheme};`));
  const entry = {
    ...{ Name: 'AutoGit', Comment: linux.synopsis, Type: 'Application', Terminal: 'false' },
    ...{ Exec: '/opt/AutoGit/autogit-desktop %U', Icon: 'autogit-desktop' },
    ...{ StartupWMClass: 'autogit-desktop', Categories: `${linux.category};` },
    ...{ MimeType: schemes.join('') },
    ...linux.desktop.entry,
  };
  const lines = Object.entries(entry).map(([key, value]) => `${key}=${value}`);
  return `[Desktop Entry]\n${lines.join('\n')}\n`;
}

interface Control {
  readonly package: string;
  readonly depends: readonly string[];
  readonly recommends: readonly string[];
  /** Which other package has the same programs. */
  readonly other: string;
  readonly synopsis: string;
  readonly paragraphs: readonly string[];
}

/** https://www.debian.org/doc/debian-policy/ch-controlfields.html */
function controlFile(facts: PackageFacts, control: Control, version: string, kilobytes: number): string {
  const fields = {
    Package: control.package,
    Version: version.replaceAll('-', '~'),
    Architecture: debianArchitecture(),
    Maintainer: facts.linux.maintainer,
    'Installed-Size': String(kilobytes),
    Depends: control.depends.join(', '),
    Recommends: control.recommends.join(', '),
    Conflicts: control.other,
    Replaces: control.other,
    Section: 'devel',
    Priority: 'optional',
    Homepage: facts.extraMetadata.homepage,
    Description: [control.synopsis, ...control.paragraphs.map((text) => ` ${text}`)]
      .join('\n .\n')
      .replace('\n .\n', '\n'),
  };
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n`;
}

async function diskUsage(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await lstat(path.join(entry.parentPath, entry.name))).size;
  }
  return Math.ceil(bytes / 1024);
}

/** All of a folder by hard links, because an Electron has a quarter of a gigabyte. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  await run('cp', ['-al', from, to]);
}

async function addLink(tree: string, at: string, target: string): Promise<void> {
  await mkdir(path.dirname(path.join(tree, at)), { recursive: true });
  await symlink(target, path.join(tree, at));
}

const copyright = (
  licences: string,
): string => `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: AutoGit
Comment: The software of others in this package, each with its licence: licenses.json beside this file. The same as a
 CycloneDX document: sbom.cdx.json.

Files: *
Copyright: AutoGit contributors
License: MIT
${licences
  .trimEnd()
  .split('\n')
  .map((line) => (line.trim() === '' ? ' .' : ` ${line}`))
  .join('\n')}
`;

/** What both packages have: shell completion, the unit, and papers. `kit`: where the kit lies once it is installed. */
async function addShared(tree: string, name: string, kit: string, root: string): Promise<void> {
  const share = (...names: string[]): string => path.join(tree, 'usr', 'share', ...names);
  const doc = share('doc', name);
  await mkdir(doc, { recursive: true });
  await writeFile(path.join(doc, 'copyright'), copyright(await readFile(path.join(root, 'LICENSE'), 'utf8')));
  await writeFile(
    path.join(doc, 'changelog.gz'),
    await squeeze(await readFile(path.join(root, 'CHANGELOG.md')), { level: 9 }),
  );
  for (const paper of ['licenses.json', 'sbom.cdx.json']) await addLink(doc, paper, path.join(kit, paper));
  await addLink(doc, 'guides', path.join(kit, 'docs'));
  await addLink(tree, 'usr/share/bash-completion/completions/autogit', path.join(kit, 'completions', 'bash'));
  await addLink(tree, 'usr/share/zsh/vendor-completions/_autogit', path.join(kit, 'completions', 'zsh'));
  const unit = path.join(tree, 'usr', 'lib', 'systemd', 'user', 'autogit.service');
  await mkdir(path.dirname(unit), { recursive: true });
  const text = await readFile(path.join(root, 'resources', 'linux', 'autogit.service'), 'utf8');
  await writeFile(unit, text.replace('/usr/share/doc/autogit/', `/usr/share/doc/${name}/`));
}

async function addScript(
  tree: string,
  root: string,
  name: 'postinst' | 'postrm',
  file: string,
): Promise<void> {
  const to = path.join(tree, 'DEBIAN', name);
  await mkdir(path.dirname(to), { recursive: true });
  await cp(path.join(root, 'resources', 'linux', file), to);
  await chmod(to, 0o755);
}

/** Folders 755, files as they are but never writable for a group: whatever the umask of whoever builds. */
async function tidyModes(tree: string): Promise<void> {
  await run('chmod', ['-R', 'u+rwX,go+rX,go-w', tree]);
}

async function write(
  tree: string,
  facts: PackageFacts,
  control: Control,
  options: DebOptions,
): Promise<void> {
  const kilobytes = await diskUsage(tree);
  await mkdir(path.join(tree, 'DEBIAN'), { recursive: true });
  await writeFile(
    path.join(tree, 'DEBIAN', 'control'),
    controlFile(facts, control, options.version, kilobytes),
  );
  await tidyModes(tree);
  await mkdir(path.dirname(options.file), { recursive: true });
  const words = ['--root-owner-group', `-Z${options.compression}`, '--build', tree, options.file];
  await run('dpkg-deb', words);
}

/**
 * The desktop's package. `unpacked`: the folder that electron-builder made. `standIn`: the version of an Electron that is
 * no official one; the package is then for tests only, and says so. Rejects with what dpkg-deb said.
 */
export async function writeDesktopDeb(
  unpacked: string,
  standIn: string | null,
  options: DebOptions,
): Promise<void> {
  const { root, scratch } = options;
  const facts = await readFacts(root);
  const tree = path.join(scratch, 'desktop');
  await rm(tree, { recursive: true, force: true });
  await linkTree(unpacked, path.join(tree, 'opt', 'AutoGit'));
  const share = path.join(tree, 'usr', 'share');
  await mkdir(path.join(share, 'applications'), { recursive: true });
  await writeFile(path.join(share, 'applications', 'autogit-desktop.desktop'), desktopEntry(facts));
  const icons = path.join(root, 'resources', 'icons');
  for (const name of await readdir(icons)) {
    const [, size] = /^(\d+x\d+)\.png$/.exec(name) ?? [];
    if (size === undefined) continue;
    await cp(
      path.join(icons, name),
      path.join(share, 'icons', 'hicolor', size, 'apps', 'autogit-desktop.png'),
    );
  }
  const drawing = path.join(share, 'icons', 'hicolor', 'scalable', 'apps', 'autogit-desktop.svg');
  await cp(path.join(root, 'resources', 'autogit.svg'), drawing);
  await addShared(tree, 'autogit', '/opt/AutoGit/resources/autogit', root);
  await addScript(tree, root, 'postinst', 'after-install.sh');
  await addScript(tree, root, 'postrm', 'after-remove.sh');
  const { depends, recommends } = facts.deb;
  const only = `For tests only: it is made with a stand-in, Electron ${standIn ?? ''}, which is old and gets no security fixes.`;
  const control = {
    ...{ package: 'autogit', other: 'autogit-headless', depends, recommends },
    synopsis: `${facts.linux.synopsis}${standIn === null ? '' : ' (test artefact)'}`,
    paragraphs: [facts.linux.description, ...(standIn === null ? [] : [only])],
  };
  await write(tree, facts, control, options);
  await rm(tree, { recursive: true, force: true });
}

/** The package without a window. `kit`: as `stageKit` makes it. Rejects with what dpkg-deb said. */
export async function writeHeadlessDeb(kit: string, options: DebOptions): Promise<void> {
  const { root, scratch } = options;
  const facts = await readFacts(root);
  const tree = path.join(scratch, 'headless');
  const home = '/usr/lib/autogit';
  await rm(tree, { recursive: true, force: true });
  await linkTree(kit, path.join(tree, 'usr', 'lib', 'autogit'));
  // Not by their links: these are others here than in the desktop's package.
  await breakLinks(path.join(tree, home), ['licenses.json', 'sbom.cdx.json', 'dist/cli/licenses.json']);
  await sayElectron(path.join(tree, home), null);
  await addLink(tree, 'usr/bin/autogit', `..${home.replace('/usr', '')}/bin/autogit`);
  await addShared(tree, 'autogit-headless', home, root);
  await addScript(tree, root, 'postinst', 'restart-served.sh');
  const control = {
    ...{ package: 'autogit-headless', other: 'autogit', depends: ['git', 'libc6', 'libstdc++6'] },
    recommends: facts.deb.recommends.filter((one) => one.includes('docker') || one.includes('dbus')),
    synopsis: `${facts.linux.synopsis} (without a window)`,
    paragraphs: [
      'The core of AutoGit with its command line and a page for the browser, for a host without a screen: autogit serve, or the systemd user unit autogit.service.',
    ],
  };
  await write(tree, facts, control, options);
  await rm(tree, { recursive: true, force: true });
}

async function breakLinks(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(folder, name);
    const bytes = await readFile(file);
    await rm(file);
    await writeFile(file, bytes);
  }
}
