// Says what kind of system this is: how software is installed here, by whom, and whether a person watches.
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/**
 * How software gets onto a system; `other` is a Linux that this program does not know.
 * @typedef {'debian' | 'fedora' | 'arch' | 'suse' | 'alpine' | 'macos' | 'windows' | 'other'} Family
 */

/**
 * @typedef {object} System
 * @property {Family} family
 * @property {string} arch as Node names it: x64, arm64
 * @property {string} user
 * @property {boolean} root
 * @property {boolean} systemd systemd is the running init, not only installed
 * @property {boolean} ask a person watches and has not agreed beforehand: ask before changing the system
 */

/** @type {readonly (readonly [string, Family])[]} */
const families = [
  ['debian', 'debian'],
  ['ubuntu', 'debian'],
  ['fedora', 'fedora'],
  ['rhel', 'fedora'],
  ['arch', 'arch'],
  ['suse', 'suse'],
  ['opensuse', 'suse'],
  ['alpine', 'alpine'],
];

/**
 * Reads `ID` and `ID_LIKE` of an os-release file (https://www.freedesktop.org/software/systemd/man/os-release.html).
 * @param {string} text
 * @returns {Family}
 */
export function parseOsRelease(text) {
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)=(["']?)(.*)\2\s*$/.exec(line);
      return match?.[1] === undefined ? [] : [[match[1], match[3] ?? '']];
    }),
  );
  const names = `${fields.get('ID') ?? ''} ${fields.get('ID_LIKE') ?? ''}`.split(/\s+/);
  for (const name of names) {
    const family = families.find(([id]) => id === name);
    if (family) return family[1];
  }
  return 'other';
}

/** @returns {Family} */
function detectFamily() {
  if (process.platform === 'darwin') return 'macos';
  if (process.platform === 'win32') return 'windows';
  try {
    return parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return 'other';
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} yes the person agreed beforehand (`--yes`)
 * @returns {System}
 */
export function detectSystem(env, yes) {
  const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const automatic = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  return {
    family: detectFamily(),
    arch: process.arch,
    user: userInfo().username,
    root: process.getuid?.() === 0,
    systemd: existsSync('/run/systemd/system'),
    ask: terminal && !yes && !automatic,
  };
}
