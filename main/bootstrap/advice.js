// The exact next step on each system, where the bootstrap may not or cannot take it itself. Pure.
import { BootstrapProblem } from './problem.js';

/** @typedef {import('./engine.js').EngineFound} EngineFound */
/** @typedef {import('./system.js').Family} Family */
/** @typedef {import('./system.js').System} System */

/** Debian's and Ubuntu's package of an engine; what it needs to run (containerd, runc, iptables) are its dependencies. */
export const carriesEngine = ['docker.io'];

/** @type {Record<Family, string>} */
const installers = {
  debian: 'apt-get install -y',
  fedora: 'dnf install -y',
  arch: 'pacman -S --needed',
  suse: 'zypper install',
  alpine: 'apk add',
  macos: 'brew install',
  windows: 'winget install',
  other: 'install with the package tool of this system:',
};

/**
 * The line that installs packages on a system.
 * @param {System} system
 * @param {readonly string[]} packages
 * @returns {string}
 */
export function installLine(system, packages) {
  return asRoot(system, `${installers[system.family]} ${packages.join(' ')}`);
}

/**
 * @param {System} system
 * @param {string} line
 * @returns {string}
 */
function asRoot(system, line) {
  const plain = system.root || ['macos', 'windows', 'other'].includes(system.family);
  return plain ? line : `sudo ${line.replaceAll(' && ', ' && sudo ')}`;
}

/**
 * How an engine is installed and started on a system.
 * @param {System} system
 * @returns {string}
 */
function installEngine(system) {
  switch (system.family) {
    case 'debian':
      return asRoot(system, 'apt-get install -y docker.io') + thenJoinGroup(system);
    case 'fedora':
      return asRoot(system, 'dnf install -y podman') + `, then ${startPodman(system)}`;
    case 'arch':
      return asRoot(system, 'pacman -S docker && systemctl enable --now docker') + thenJoinGroup(system);
    case 'suse':
      return asRoot(system, 'zypper install docker && systemctl enable --now docker') + thenJoinGroup(system);
    case 'alpine':
      return (
        asRoot(system, 'apk add docker && rc-update add docker && service docker start') +
        thenJoinGroup(system)
      );
    case 'macos':
      return 'install and start one of Docker Desktop, OrbStack or Colima (brew install colima docker && colima start)';
    case 'windows':
      return 'install Docker Desktop (winget install Docker.DockerDesktop), or run AutoGit inside WSL2';
    case 'other':
      return 'install Docker or Podman with the package tool of this system and start it';
  }
}

/**
 * @param {System} system
 * @returns {string}
 */
function thenJoinGroup(system) {
  return system.root ? '' : `, then ${joinGroup(system)}`;
}

/**
 * @param {System} system
 * @returns {string}
 */
function joinGroup(system) {
  return `sudo usermod -aG docker ${system.user} and log in again`;
}

/**
 * @param {System} system
 * @returns {string}
 */
function startPodman(system) {
  return system.root ? 'systemctl enable --now podman.socket' : 'systemctl --user enable --now podman.socket';
}

/**
 * @param {System} system
 * @returns {string}
 */
function startDocker(system) {
  if (system.family === 'macos' || system.family === 'windows')
    return 'start Docker Desktop and run this again';
  return asRoot(system, system.systemd ? 'systemctl start docker' : 'service docker start');
}

/**
 * Why there is no engine to use, and the next step.
 * @param {Exclude<EngineFound, { state: 'reachable' }>} engine
 * @param {System} system
 * @returns {BootstrapProblem}
 */
export function engineAdvice(engine, system) {
  switch (engine.state) {
    case 'denied':
      return problem(
        'engine-permission',
        `A container engine listens at ${engine.address.url}, but user ${system.user} may not use it.`,
        `${joinGroup(system)}; or have an engine of your own: dockerd-rootless-setuptool.sh install`,
      );
    case 'chosen':
      return problem(
        'engine-unreachable',
        `${engine.address.via} names ${engine.address.url}, where no engine answers (${engine.reason}).`,
        `start that engine, or unset ${engine.address.via} to use another one`,
      );
    case 'absent':
      if (engine.dockerd)
        return problem('engine-stopped', 'Docker is installed but not running.', startDocker(system));
      if (engine.podman) {
        return problem(
          'engine-stopped',
          'Podman is installed, but its socket is not served.',
          startPodman(system),
        );
      }
      return problem('engine-missing', 'No container engine is installed here.', installEngine(system));
  }
}

/**
 * @param {string} key
 * @param {string} message
 * @param {string} next
 * @returns {BootstrapProblem}
 */
function problem(key, message, next) {
  return new BootstrapProblem(`bootstrap.${key}`, message, next, 3);
}
