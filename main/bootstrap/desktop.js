// Opens the desktop: the built application in the Electron that was found, under Chromium's sandbox wherever that can be.
import { readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runForeground } from './child.js';
import { findElectron } from './electron.js';
import { findProjectNode } from './node.js';
import { BootstrapProblem } from './problem.js';

/**
 * What the decision about Chromium's sandbox depends on.
 * @typedef {object} SandboxFacts
 * @property {boolean} linux
 * @property {boolean} root
 * @property {boolean} namespaces whether an ordinary program may make user namespaces
 * @property {boolean} setuid whether `chrome-sandbox` beside the Electron belongs to root and runs as root
 */

/**
 * How Chromium's sandbox can be had: as it is, not at all (for root it refuses to start with one), or after a step.
 * @param {SandboxFacts} facts
 * @returns {'sandboxed' | 'unsandboxed' | 'blocked'}
 */
export function judgeSandbox({ linux, root, namespaces, setuid }) {
  if (!linux) return 'sandboxed';
  if (root) return 'unsandboxed';
  return namespaces || setuid ? 'sandboxed' : 'blocked';
}

/**
 * Kernel switches that keep ordinary programs from user namespaces: Debian's, Ubuntu's (AppArmor) and the general one
 * (https://chromium.googlesource.com/chromium/src/+/main/docs/security/apparmor-userns-restrictions.md).
 */
const switches = [
  ['/proc/sys/kernel/unprivileged_userns_clone', '0'],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'],
  ['/proc/sys/user/max_user_namespaces', '0'],
];

/**
 * @param {string} electron its path
 * @returns {SandboxFacts}
 */
export function detectSandbox(electron) {
  const off = switches.some(([path = '', value]) => {
    try {
      return readFileSync(path, 'utf8').trim() === value;
    } catch {
      return false;
    }
  });
  return {
    linux: process.platform === 'linux',
    root: process.getuid?.() === 0,
    namespaces: !off,
    setuid: isSetuidRoot(join(dirname(electron), 'chrome-sandbox')),
  };
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isSetuidRoot(path) {
  try {
    const { uid, mode } = statSync(path);
    return uid === 0 && (mode & 0o4000) !== 0;
  } catch {
    return false;
  }
}

/**
 * A window needs a screen; without one there is no sense in getting anything ready for it.
 * @param {NodeJS.Platform} platform
 * @param {NodeJS.ProcessEnv} env
 * @throws {BootstrapProblem} bootstrap.screen-missing
 */
export function requireScreen(platform, env) {
  if (platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return;
  throw new BootstrapProblem(
    'bootstrap.screen-missing',
    'There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), and the desktop shows a window.',
    'npm run autogit -- serve, and open the page whose address it prints in a browser',
  );
}

/**
 * Opens the desktop and waits for its end.
 * @param {readonly string[]} args
 * @param {{ root: string, env: NodeJS.ProcessEnv, report: import('./report.js').Report }} setting
 * @returns {Promise<number>} exit code
 * @throws {BootstrapProblem} bootstrap.electron-missing, sandbox-blocked
 */
export async function startDesktop(args, { root, env, report }) {
  const electron = findElectron(root, env);
  if (!electron) {
    const next = 'run this again, or set AUTOGIT_ELECTRON to the path of an Electron';
    throw new BootstrapProblem('bootstrap.electron-missing', 'The Electron that was found has gone.', next);
  }
  const sandbox = judgeSandbox(detectSandbox(electron.path));
  if (sandbox === 'blocked') throw sandboxBlocked(electron.path);
  if (sandbox === 'unsandboxed') {
    report.note(
      'Warning: the desktop runs as root, where Chromium has no sandbox. For more than a trial start it as an ordinary user.',
    );
  }
  const switchesOfChromium = sandbox === 'unsandboxed' ? ['--no-sandbox'] : [];
  const app = join(root, 'dist', 'electron');
  return runForeground(
    electron.path,
    [...switchesOfChromium, app, ...args],
    desktopEnv(root, electron.path, env),
  );
}

/**
 * The environment of the desktop: its Electron, and the project's Node first on the PATH, which the sandbox's image is
 * made from. With ELECTRON_RUN_AS_NODE, which editors' terminals set, Electron would be no Electron.
 * @param {string} root
 * @param {string} electron
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function desktopEnv(root, electron, env) {
  const node = findProjectNode(root);
  const path = [...(node ? [dirname(node.path)] : []), env['PATH'] ?? ''].filter(Boolean);
  return { ...env, PATH: path.join(delimiter), AUTOGIT_ELECTRON: electron, ELECTRON_RUN_AS_NODE: undefined };
}

/**
 * @param {string} electron
 * @returns {BootstrapProblem}
 */
function sandboxBlocked(electron) {
  const program = join(dirname(electron), 'chrome-sandbox');
  return new BootstrapProblem(
    'bootstrap.sandbox-blocked',
    "This system keeps user namespaces from ordinary programs, and without them Chromium's sandbox cannot start.",
    `sudo chown root:root '${program}' && sudo chmod 4755 '${program}', and run this again`,
  );
}
