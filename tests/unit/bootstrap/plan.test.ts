// What the bootstrap decides on each kind of system.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineFound } from '../../../main/bootstrap/engine.js';
import { describeChanges, planBootstrap } from '../../../main/bootstrap/plan.js';
import type { Facts, Step } from '../../../main/bootstrap/plan.js';
import type { Family, System } from '../../../main/bootstrap/system.js';

const debianRoot: System = {
  family: 'debian',
  arch: 'x64',
  user: 'root',
  root: true,
  systemd: false,
  ask: false,
};
const debianUser: System = { ...debianRoot, user: 'felix', root: false, systemd: true };
const nothing: EngineFound = { state: 'absent', dockerd: false, podman: false };
const stopped: EngineFound = { state: 'absent', dockerd: true, podman: false };
const onlyPodman: EngineFound = { state: 'absent', dockerd: false, podman: true };
const socket = { url: 'unix:///var/run/docker.sock', via: '' };
const reachable: EngineFound = { state: 'reachable', address: socket, name: 'Docker 28.2.2', others: [] };

function facts(change: Partial<Facts>): Facts {
  return {
    system: debianRoot,
    node: { project: '24.21.0', carried: true, host: '20.20.2' },
    packages: { have: 'production', want: 'production', npm: true },
    engine: reachable,
    electron: null,
    tools: [{ id: 'git', found: '/usr/bin/git', must: true }],
    ...change,
  };
}

function stepOf(label: string, change: Partial<Facts>): Step {
  const step = planBootstrap(facts(change)).find((candidate) => candidate.label === label);
  if (!step) throw new Error(`no step for ${label}`);
  return step;
}

function engineStep(engine: EngineFound, system: System): Step {
  return stepOf('container engine', { engine, system });
}

describe('a machine that has everything', () => {
  it('is left as it is', () => {
    expect(planBootstrap(facts({})).map(({ label, state }) => [label, state])).toEqual([
      ['npm packages', 'ok'],
      ['node', 'ok'],
      ['git', 'ok'],
      ['container engine', 'ok'],
    ]);
  });

  it('has nothing changed about engines on any system while one answers', () => {
    const family = fc.constantFrom<Family>(
      ...(['debian', 'fedora', 'arch', 'suse', 'alpine', 'macos', 'windows', 'other'] as const),
    );
    fc.assert(
      fc.property(family, fc.boolean(), fc.boolean(), (name, root, systemd) => {
        expect(engineStep(reachable, { ...debianRoot, family: name, root, systemd }).state).toBe('ok');
      }),
    );
  });

  it('names the engine that is used, who chose it and the others', () => {
    const address = { url: 'unix:///run/user/1000/docker.sock', via: 'docker context rootless' };
    const step = engineStep(
      { state: 'reachable', address, name: 'Docker 28.2.2', others: [socket.url] },
      debianUser,
    );
    expect(step).toMatchObject({
      detail: `Docker 28.2.2 at ${address.url} (docker context rootless); also ${socket.url}`,
    });
  });
});

describe('an engine on Debian and Ubuntu as root', () => {
  it('is installed and started directly without systemd', () => {
    expect(engineStep(nothing, debianRoot)).toMatchObject({
      state: 'change',
      change: { kind: 'system', packages: ['docker.io'], start: 'direct' },
    });
  });

  it('is started by systemd where that runs', () => {
    expect(engineStep(nothing, { ...debianRoot, systemd: true })).toMatchObject({
      change: { start: 'systemd' },
    });
  });

  it('is only started when it is installed already', () => {
    expect(engineStep(stopped, debianRoot)).toMatchObject({ change: { packages: [], start: 'direct' } });
  });

  it('is not put beside a Podman that only has to be switched on', () => {
    expect(engineStep(onlyPodman, { ...debianRoot, systemd: true })).toMatchObject({
      state: 'stop',
      problem: { key: 'bootstrap.engine-stopped', next: 'systemctl enable --now podman.socket' },
    });
  });
});

describe('where the bootstrap may not install an engine', () => {
  const systems: [string, System, EngineFound, string, string][] = [
    [
      'Debian, ordinary user',
      debianUser,
      nothing,
      'bootstrap.engine-missing',
      'sudo apt-get install -y docker.io, then sudo usermod -aG docker felix and log in again',
    ],
    ['Debian, stopped', debianUser, stopped, 'bootstrap.engine-stopped', 'sudo systemctl start docker'],
    [
      'Debian, rootless Podman',
      debianUser,
      onlyPodman,
      'bootstrap.engine-stopped',
      'systemctl --user enable --now podman.socket',
    ],
    [
      'Debian, no rights',
      debianUser,
      { state: 'denied', address: socket },
      'bootstrap.engine-permission',
      'sudo usermod -aG docker felix and log in again; or have an engine of your own: dockerd-rootless-setuptool.sh install',
    ],
    [
      'Fedora',
      { ...debianUser, family: 'fedora' },
      nothing,
      'bootstrap.engine-missing',
      'sudo dnf install -y podman, then systemctl --user enable --now podman.socket',
    ],
    [
      'Arch as root',
      { ...debianRoot, family: 'arch', systemd: true },
      nothing,
      'bootstrap.engine-missing',
      'pacman -S docker && systemctl enable --now docker',
    ],
    [
      'Arch',
      { ...debianUser, family: 'arch' },
      nothing,
      'bootstrap.engine-missing',
      'sudo pacman -S docker && sudo systemctl enable --now docker, then sudo usermod -aG docker felix and log in again',
    ],
    [
      'macOS',
      { ...debianUser, family: 'macos', systemd: false },
      nothing,
      'bootstrap.engine-missing',
      'install and start one of Docker Desktop, OrbStack or Colima (brew install colima docker && colima start)',
    ],
    [
      'Windows',
      { ...debianUser, family: 'windows', systemd: false },
      nothing,
      'bootstrap.engine-missing',
      'install Docker Desktop (winget install Docker.DockerDesktop), or run AutoGit inside WSL2',
    ],
    [
      'an address that the person chose',
      debianRoot,
      { state: 'chosen', address: { url: 'tcp://lab:2375', via: 'DOCKER_HOST' }, reason: 'ECONNREFUSED' },
      'bootstrap.engine-unreachable',
      'start that engine, or unset DOCKER_HOST to use another one',
    ],
  ];

  it.each(systems)('%s: stops with the exact next step', (_name, system, engine, key, next) => {
    expect(engineStep(engine, system)).toMatchObject({ state: 'stop', problem: { key, next, exit: 3 } });
  });

  it('never installs as an ordinary user', () => {
    const plan = planBootstrap(
      facts({ system: debianUser, engine: nothing, tools: [{ id: 'git', found: null, must: true }] }),
    );
    expect(plan.filter((step) => step.state === 'change')).toEqual([]);
  });
});

describe('npm packages and node', () => {
  it('installs only what the product runs with for the product', () => {
    expect(stepOf('npm packages', { packages: { have: null, want: 'production', npm: true } })).toMatchObject(
      {
        change: { kind: 'npm', set: 'production' },
      },
    );
  });

  it('adds the packages for tests, and never takes them away again', () => {
    const packages = { have: 'production', want: 'all', npm: true } as const;
    expect(stepOf('npm packages', { packages })).toMatchObject({ change: { set: 'all' } });
    expect(stepOf('npm packages', { packages: { have: 'all', want: 'production', npm: true } }).state).toBe(
      'ok',
    );
  });

  it('gets node with the packages when the host has an old one', () => {
    const node = { project: null, carried: true, host: '20.20.2' };
    expect(stepOf('node', { node }).state).toBe('follows');
    expect(stepOf('npm packages', { node }).state).toBe('change');
  });

  it('stops where npm has no node for the system and the host has an old one', () => {
    const node = { project: null, carried: false, host: '20.20.2' };
    const step = stepOf('node', { node, system: { ...debianUser, family: 'macos' } });
    expect(step).toMatchObject({
      problem: { key: 'bootstrap.node-too-old', next: 'brew install node', exit: 1 },
    });
  });

  it('stops without npm only when there is something to install', () => {
    const missing = stepOf('npm packages', { packages: { have: null, want: 'all', npm: false } });
    expect(missing).toMatchObject({ state: 'stop', problem: { key: 'bootstrap.npm-missing' } });
    expect(stepOf('npm packages', { packages: { have: 'all', want: 'all', npm: false } }).state).toBe('ok');
  });
});

describe('tools', () => {
  it('come with apt as root on Debian', () => {
    const tools = [{ id: 'git', found: null, must: true }] as const;
    expect(stepOf('git', { tools })).toMatchObject({ change: { packages: ['git'], start: null } });
  });

  it('are named with the line that installs them elsewhere', () => {
    const tools = [{ id: 'git', found: null, must: true }] as const;
    expect(stepOf('git', { tools, system: debianUser })).toMatchObject({
      state: 'stop',
      problem: { key: 'bootstrap.tool-missing', next: 'sudo apt-get install -y git' },
    });
    expect(stepOf('git', { tools, system: { ...debianUser, family: 'macos' } })).toMatchObject({
      problem: { next: 'brew install git' },
    });
  });

  it('that a command can do without do not stop it', () => {
    const tools = [{ id: 'gitlab-runner', found: null, must: false }] as const;
    expect(stepOf('gitlab-runner', { tools })).toMatchObject({
      state: 'without',
      problem: { next: 'set AUTOGIT_GITLAB_RUNNER to its path' },
    });
  });
});

describe('an Electron', () => {
  const electron = { found: null, named: null, wanted: '45.4.1', must: true } as const;
  const copy = { path: '/c/electron', kind: 'registry', version: '33.2.1' } as const;

  it('is got where there is none', () => {
    expect(stepOf('Electron', { electron })).toMatchObject({
      state: 'change',
      must: true,
      change: { kind: 'electron' },
    });
  });

  it('that stands in says so, with the version that it stands in for', () => {
    expect(stepOf('Electron', { electron: { ...electron, found: copy } })).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(
        /^33\.2\.1 .*stands in for the official 45\.4\.1, for development and tests only$/,
      ) as string,
    });
  });

  it('that is named wrongly is not replaced by another one', () => {
    const named = { ...electron, named: '/nowhere' };
    const problem = { key: 'bootstrap.electron-missing' };
    expect(stepOf('Electron', { electron: named })).toMatchObject({ state: 'stop', problem });
    expect(stepOf('Electron', { electron: { ...named, must: false } })).toMatchObject({
      state: 'without',
      problem,
    });
  });

  it('is not downloaded for tests that could not use it', () => {
    const tools = [{ id: 'screen', found: null, must: false }] as const;
    const forTests = { tools, electron: { ...electron, must: false } };
    expect(stepOf('Electron', { ...forTests, system: debianUser }).state).toBe('without');
    expect(stepOf('Electron', forTests).state).toBe('change');
  });
});

describe('what tests use beside the rest', () => {
  const tools = [
    { id: 'chromium', found: null, must: false },
    { id: 'rootless-engines', found: null, must: false },
  ] as const;

  it('is installed on Debian as root, and may fail to be', () => {
    expect(stepOf('Chromium', { tools })).toMatchObject({ state: 'change', must: false });
    expect(stepOf('rootless engines', { tools })).toMatchObject({
      change: { packages: expect.arrayContaining(['podman', 'uidmap', 'rootlesskit']) as string[] },
    });
  });

  it('is only named on a workstation', () => {
    expect(stepOf('Chromium', { tools, system: debianUser })).toMatchObject({
      state: 'without',
      problem: { next: 'sudo apt-get install -y chromium' },
    });
  });
});

describe('the question before changes', () => {
  it('names packages and the start, and leaves npm out', () => {
    const steps = planBootstrap(
      facts({
        engine: nothing,
        tools: [{ id: 'git', found: null, must: true }],
        packages: { have: null, want: 'all', npm: true },
      }),
    );
    const changes = steps.flatMap((step) => (step.state === 'change' ? [step.change] : []));
    expect(describeChanges(changes)).toBe('install git docker.io with apt-get and start dockerd');
    expect(describeChanges([{ kind: 'npm', set: 'all' }])).toBe('');
  });
});
