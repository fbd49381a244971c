// A plan that was carried out leaves nothing to do, whatever the machine was like.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineFound } from '../../../main/bootstrap/engine.js';
import { planBootstrap } from '../../../main/bootstrap/plan.js';
import type { Facts, Step } from '../../../main/bootstrap/plan.js';
import type { Family } from '../../../main/bootstrap/system.js';

const nothing: EngineFound = { state: 'absent', dockerd: false, podman: false };
const stopped: EngineFound = { state: 'absent', dockerd: true, podman: false };
const onlyPodman: EngineFound = { state: 'absent', dockerd: false, podman: true };
const reachable: EngineFound = {
  state: 'reachable',
  address: { url: 'unix:///var/run/docker.sock', via: '' },
  name: 'Docker 28.2.2',
  others: [],
};

describe('a plan', () => {
  const maybe = fc.boolean();
  const ids = fc.uniqueArray(
    fc.constantFrom('git', 'chromium', 'screen', 'desktop-libraries', 'rootless-engines'),
  );
  const anyFacts: fc.Arbitrary<Facts> = fc
    .record({
      family: fc.constantFrom<Family>('debian', 'fedora', 'macos', 'other'),
      root: maybe,
      systemd: maybe,
      engine: fc.constantFrom(null, nothing, stopped, onlyPodman, reachable),
      tools: fc.tuple(ids, fc.array(maybe, { minLength: 10, maxLength: 10 })),
      packages: fc.constantFrom(null, 'production', 'all'),
      want: fc.constantFrom('production', 'all'),
      electron: fc.option(fc.record({ must: maybe, named: fc.constantFrom(null, '/nowhere') })),
    })
    .map((drawn) => ({
      system: {
        family: drawn.family,
        arch: 'x64',
        user: 'felix',
        root: drawn.root,
        systemd: drawn.systemd,
        ask: false,
      },
      node: { project: drawn.packages && '24.21.0', carried: true, host: '20.20.2' },
      packages: { have: drawn.packages, want: drawn.want, npm: true },
      engine: drawn.engine,
      tools: drawn.tools[0].map((id, at) => ({
        id,
        found: drawn.tools[1][at] === true ? '/there' : null,
        must: drawn.tools[1][at + 5] === true,
      })),
      electron: drawn.electron && { ...drawn.electron, found: null, wanted: null },
    }));

  /** The machine after everything that was planned. */
  function changed(before: Facts): Facts {
    const changes = planBootstrap(before).flatMap((step) => (step.state === 'change' ? [step] : []));
    const installed = new Set(changes.map(({ proof }) => proof));
    const kinds = new Set(changes.map(({ change }) => change.kind));
    const started = changes.some(({ change }) => change.kind === 'system' && change.start !== null);
    return {
      ...before,
      node: { ...before.node, project: kinds.has('npm') ? '24.21.0' : before.node.project },
      packages: { ...before.packages, have: kinds.has('npm') ? before.packages.want : before.packages.have },
      engine: started ? reachable : before.engine,
      tools: before.tools.map((tool) => (installed.has(tool.id) ? { ...tool, found: '/there' } : tool)),
      electron: before.electron && {
        ...before.electron,
        found: kinds.has('electron') ? { path: '/e', kind: 'official', version: '45.4.1' } : null,
      },
    };
  }

  it('that was carried out plans nothing more, and stops where it stopped before', () => {
    fc.assert(
      fc.property(anyFacts, (before) => {
        const after = planBootstrap(changed(before));
        expect(after.filter(({ state }) => state === 'change' || state === 'follows')).toEqual([]);
        const stopsOf = (steps: readonly Step[]): readonly string[] =>
          steps.filter(({ state }) => state === 'stop').map(({ label }) => label);
        expect(stopsOf(after)).toEqual(stopsOf(planBootstrap(before)));
      }),
    );
  });

  it('changes the system for nobody but root on Debian', () => {
    fc.assert(
      fc.property(anyFacts, (before) => {
        const { root, family } = before.system;
        const system = planBootstrap(before).filter(
          (step) =>
            step.state === 'change' && step.change.kind === 'system' && step.change.packages.length > 0,
        );
        if (!root || family !== 'debian') expect(system).toEqual([]);
      }),
    );
  });
});
