// What the bootstrap can provide, and which command uses what. A new tool is one entry in `tools`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './commands.js';

/** @typedef {import('./system.js').Family} Family */
/** @typedef {import('./packages.js').PackageSet} PackageSet */

/**
 * What comes with the system's packages: programs, or libraries of a program that does not.
 * @typedef {object} Tool
 * @property {string} label as the person reads it
 * @property {string} use what it is for, completes "needed …"
 * @property {readonly string[]} programs names of the same program: found when one of them is
 * @property {readonly string[]} [also] programs that it does not work without
 * @property {readonly string[]} [libraries] shared libraries of Linux that all have to be there
 * @property {readonly string[]} [files] paths that all have to be there
 * @property {string} [variable] an environment variable that may name the program
 * @property {Partial<Record<Family, readonly string[]>>} packages by system; without an entry there is no package
 */

/** @satisfies {Record<string, Tool>} */
export const tools = {
  git: {
    label: 'git',
    use: 'to push and clone repositories',
    programs: ['git'],
    packages: {
      debian: ['git'],
      fedora: ['git'],
      arch: ['git'],
      suse: ['git'],
      alpine: ['git', 'git-daemon'],
      macos: ['git'],
      windows: ['Git.Git'],
    },
  },
  bash: {
    label: 'bash',
    use: 'to run job scripts',
    programs: ['bash'],
    packages: { debian: ['bash'], fedora: ['bash'], arch: ['bash'], suse: ['bash'], alpine: ['bash'] },
  },
  'gitlab-runner': {
    label: 'gitlab-runner',
    use: 'to hold the sandbox against the official runner',
    programs: ['gitlab-runner'],
    variable: 'AUTOGIT_GITLAB_RUNNER',
    packages: { arch: ['gitlab-runner'], macos: ['gitlab-runner'] },
  },
  'python-gitlab': {
    label: 'python-gitlab',
    use: 'to hold the sandbox against a second client',
    programs: ['python-gitlab', 'gitlab'],
    packages: { debian: ['gitlab-cli'], arch: ['python-gitlab'] },
  },
  ruby: {
    label: 'Ruby',
    use: "to evaluate GitLab's settings as GitLab does",
    programs: ['ruby'],
    packages: {
      debian: ['ruby'],
      fedora: ['ruby', 'rubygem-json'],
      arch: ['ruby'],
      suse: ['ruby'],
      alpine: ['ruby'],
      macos: ['ruby'],
    },
  },
  'docker-registry': {
    label: 'docker-registry',
    use: "to pull the stack's images from a registry of the tests",
    programs: ['docker-registry'],
    packages: { debian: ['docker-registry'] },
  },
  knot: {
    label: 'Knot DNS',
    use: 'to make records by RFC 2136 at a name server of the tests',
    programs: [],
    files: ['/usr/sbin/knotd'],
    packages: { debian: ['knot'] },
  },
  slapd: {
    label: 'slapd',
    use: 'to sign people in from a directory of the tests',
    programs: [],
    files: ['/usr/sbin/slapd', '/usr/lib/ldap/ppolicy.so'],
    packages: { debian: ['slapd'] },
  },
  redis: {
    label: 'Redis',
    use: 'to keep sign-ins at a server of the tests',
    programs: ['redis-server'],
    also: ['redis-cli'],
    packages: { debian: ['redis-server'] },
  },
  'git-lfs': {
    label: 'Git LFS',
    use: 'to push large files to the sandbox as people do',
    programs: ['git-lfs'],
    variable: 'AUTOGIT_GIT_LFS',
    packages: {
      debian: ['git-lfs'],
      fedora: ['git-lfs'],
      arch: ['git-lfs'],
      suse: ['git-lfs'],
      alpine: ['git-lfs'],
      macos: ['git-lfs'],
    },
  },
  restic: {
    label: 'restic',
    use: 'to keep backups in repositories of the tests',
    programs: ['restic'],
    packages: {
      debian: ['restic'],
      fedora: ['restic'],
      arch: ['restic'],
      suse: ['restic'],
      alpine: ['restic'],
      macos: ['restic'],
    },
  },
  sshd: {
    label: "OpenSSH's server",
    use: 'to keep backups over SSH at a server of the tests',
    programs: [],
    files: ['/usr/sbin/sshd'],
    packages: { debian: ['openssh-server'] },
  },
  certutil: {
    label: "NSS's certutil",
    use: "to fill a browser's store of roots",
    programs: ['certutil'],
    packages: {
      debian: ['libnss3-tools'],
      fedora: ['nss-tools'],
      arch: ['nss'],
      suse: ['mozilla-nss-tools'],
      alpine: ['nss-tools'],
    },
  },
  busybox: {
    label: 'static busybox',
    use: "for the images of the official runner's docker executor",
    programs: ['busybox'],
    packages: { debian: ['busybox-static'] },
  },
  emulators: {
    label: 'emulators of other processors',
    use: 'to run real programs of other processors in containers',
    programs: ['qemu-aarch64-static'],
    also: ['qemu-riscv64-static'],
    packages: { debian: ['qemu-user-static'], fedora: ['qemu-user-static'] },
  },
  'rootless-engines': {
    label: 'rootless engines',
    use: 'to test Podman and rootless Docker as an ordinary user',
    programs: ['podman'],
    also: ['newuidmap', 'slirp4netns', 'fuse-overlayfs', 'rootlesskit', 'iptables'],
    packages: {
      debian: [
        'podman',
        'netavark',
        'aardvark-dns',
        'uidmap',
        'slirp4netns',
        'fuse-overlayfs',
        'rootlesskit',
        'iptables',
      ],
      fedora: ['podman', 'slirp4netns', 'fuse-overlayfs'],
      arch: ['podman', 'slirp4netns', 'fuse-overlayfs', 'rootlesskit'],
    },
  },
  'desktop-libraries': {
    label: 'desktop libraries',
    use: 'to show the window',
    programs: [],
    libraries: [
      'libgtk-3.so.0',
      'libnss3.so',
      'libasound.so.2',
      'libgbm.so.1',
      'libatk-bridge-2.0.so.0',
      'libcups.so.2',
      'libdrm.so.2',
      'libnotify.so.4',
    ],
    packages: {
      debian: [
        'libgtk-3-0',
        'libnss3',
        'libasound2',
        'libgbm1',
        'libatk-bridge2.0-0',
        'libcups2',
        'libdrm2',
        'libnotify4',
      ],
      fedora: ['gtk3', 'nss', 'alsa-lib', 'mesa-libgbm', 'cups-libs', 'libdrm', 'libnotify'],
      arch: ['gtk3', 'nss', 'alsa-lib', 'mesa', 'libcups', 'libdrm', 'libnotify'],
      suse: ['gtk3', 'mozilla-nss', 'alsa', 'libgbm1', 'libcups2', 'libdrm2', 'libnotify4'],
    },
  },
  screen: {
    label: 'Xvfb and D-Bus',
    use: 'to test the window without a screen',
    programs: ['Xvfb'],
    also: ['dbus-daemon'],
    packages: {
      debian: ['xvfb', 'dbus'],
      fedora: ['xorg-x11-server-Xvfb', 'dbus-daemon'],
      arch: ['xorg-server-xvfb', 'dbus'],
      suse: ['xorg-x11-server-Xvfb', 'dbus-1'],
    },
  },
  notifications: {
    label: 'dunst',
    use: 'to read notifications back in a test',
    programs: ['dunst'],
    also: ['dunstctl'],
    packages: { debian: ['dunst'], fedora: ['dunst'], arch: ['dunst'], suse: ['dunst'] },
  },
  chromium: {
    label: 'Chromium',
    use: 'to test the page in a browser',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    variable: 'AUTOGIT_CHROMIUM',
    packages: { debian: ['chromium'], fedora: ['chromium'], arch: ['chromium'], suse: ['chromium'] },
  },
  bubblewrap: {
    label: 'bubblewrap',
    use: 'to keep a browser of the tests from the networks that come and go beside it',
    programs: ['bwrap'],
    packages: {
      debian: ['bubblewrap'],
      fedora: ['bubblewrap'],
      arch: ['bubblewrap'],
      suse: ['bubblewrap'],
      alpine: ['bubblewrap'],
    },
  },
};

/** @typedef {keyof typeof tools} ToolId */
/** @typedef {ToolId | 'engine' | 'electron'} ItemId */

/**
 * What a command uses. Without an item of `must` it stops; without one of `may` it goes on and says so.
 * @typedef {object} Needs
 * @property {PackageSet} packages
 * @property {readonly ItemId[]} must
 * @property {readonly (ToolId | 'electron')[]} may
 * @property {readonly ToolId[]} [anyOf] without one of these nothing of the command can be done
 */

/** @satisfies {Record<string, Needs>} */
export const needs = {
  autogit: { packages: 'production', must: [], may: [] },
  demo: { packages: 'production', must: ['git', 'engine'], may: [] },
  start: { packages: 'all', must: ['desktop-libraries', 'electron'], may: [] },
  build: { packages: 'all', must: [], may: [] },
  lint: { packages: 'all', must: [], may: [] },
  types: { packages: 'all', must: [], may: [] },
  format: { packages: 'all', must: [], may: [] },
  unit: { packages: 'all', must: ['git', 'bash'], may: [] },
  engine: { packages: 'all', must: ['git', 'bash', 'engine'], may: ['rootless-engines', 'emulators'] },
  e2e: {
    packages: 'all',
    must: ['git', 'bash'],
    may: ['chromium', 'screen', 'desktop-libraries', 'notifications', 'electron'],
    anyOf: ['chromium', 'screen'],
  },
  peers: {
    packages: 'all',
    must: ['git', 'bash', 'engine'],
    may: [
      'gitlab-runner',
      'python-gitlab',
      'emulators',
      'ruby',
      'git-lfs',
      'knot',
      'slapd',
      'redis',
      'certutil',
      'chromium',
      'restic',
      'sshd',
    ],
    anyOf: ['gitlab-runner', 'python-gitlab'],
  },
  stacks: {
    packages: 'all',
    must: ['git', 'bash', 'engine'],
    may: ['gitlab-runner', 'ruby', 'docker-registry', 'knot', 'redis', 'chromium', 'bubblewrap'],
    anyOf: ['ruby'],
  },
  chaos: { packages: 'production', must: ['git', 'bash', 'engine'], may: ['rootless-engines'] },
  /** Of backups: no engine is needed. */
  'chaos-backup': { packages: 'production', must: ['restic'], may: [] },
  bench: { packages: 'production', must: ['git', 'bash', 'engine'], may: ['gitlab-runner'] },
  /** What `.ci/run` needs for the images of the official runner. */
  'peer-images': { packages: 'production', must: [], may: ['busybox'] },
};

/** @typedef {keyof typeof needs} NeedsId */

/**
 * Where shared libraries lie: Debian's folder of the architecture, the other systems' folders, and what a person added.
 * @param {NodeJS.ProcessEnv} env
 * @returns {readonly string[]}
 */
function libraryFolders(env) {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const added = (env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean);
  return [...added, `/usr/lib/${machine}-linux-gnu`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
}

/**
 * Where a tool is, or null.
 * @param {ToolId} id
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export function findTool(id, env) {
  /** @type {Tool} */
  const tool = tools[id];
  const named = tool.variable ? env[tool.variable] : undefined;
  if (named) return named;
  const folders = libraryFolders(env);
  const parts = [
    ...(tool.programs.length > 0 ? [findFirst(tool.programs, env)] : []),
    ...(tool.also ?? []).map((program) => findProgram(program, env, true)),
    ...(tool.libraries ?? []).map((name) => folders.find((folder) => existsSync(join(folder, name)))),
    ...(tool.files ?? []).map((path) => (existsSync(path) ? path : null)),
  ];
  return parts.every((part) => part) ? (parts[0] ?? null) : null;
}

/**
 * @param {readonly string[]} programs
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
function findFirst(programs, env) {
  for (const program of programs) {
    const path = findProgram(program, env);
    if (path) return path;
  }
  return null;
}

/**
 * Whether a command that was prepared can do what it is for.
 * @param {NeedsId} id
 * @param {NodeJS.ProcessEnv} env
 * @returns {boolean}
 */
export function isAble(id, env) {
  /** @type {Needs} */
  const { anyOf = [] } = needs[id];
  return anyOf.length === 0 || anyOf.some((tool) => findTool(tool, env) !== null);
}

/**
 * What several commands use together.
 * @param {readonly NeedsId[]} ids
 * @returns {Needs}
 */
export function joinNeeds(ids) {
  /** @type {readonly Needs[]} */
  const all = ids.map((id) => needs[id]);
  const must = [...new Set(all.flatMap((need) => need.must))];
  return {
    packages: all.some((need) => need.packages === 'all') ? 'all' : 'production',
    must,
    may: [...new Set(all.flatMap((need) => need.may))].filter((id) => !must.includes(id)),
  };
}
