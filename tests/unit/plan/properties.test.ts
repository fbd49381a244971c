// What holds for every plan, whatever the world looks like.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemIdOf, runnerIdOf } from '../../../main/model/runner.ts';
import type { Action, Desired, Observed, Plan } from '../../../main/model/world.ts';
import { plan } from '../../../main/plan/plan.ts';
import { sortRunners, startsToCome } from '../../../main/plan/runners.ts';
import { desiredArbitrary, observedArbitrary, runs } from '../../fakes/arbitrary-world.ts';
import { deepFreeze, now, only } from '../../fakes/world.ts';

/** Tries a claim on generated worlds and their plans. */
function always(claim: (made: Plan, desired: Desired, observed: Observed) => void): void {
  fc.assert(
    fc.property(desiredArbitrary, observedArbitrary, (desired, observed) => {
      claim(plan(deepFreeze(desired), deepFreeze(observed), now), desired, observed);
    }),
    { numRuns: runs * 5 },
  );
}

function engineOf(action: Action, { nodes }: Observed): Observed['nodes'][number]['engine']['state'] | null {
  const id = action.kind === 'forget-runner' ? action.record.node : 'node' in action ? action.node : null;
  return nodes.find((node) => node.id === id)?.engine.state ?? null;
}

describe('every plan', () => {
  it('is made without an error, and the same again for the same world', () => {
    always((made, desired, observed) => expect(plan(desired, observed, now)).toEqual(made));
  });

  it('has one action per target, and none on a target or with a key that is under way', () => {
    always(({ actions }, _, { inFlight }) => {
      const targets = actions.map(({ target }) => target);
      expect(new Set(targets).size).toBe(targets.length);
      for (const { key, target } of inFlight) {
        expect(targets).not.toContain(target);
        expect(actions.map((action) => action.key)).not.toContain(key);
      }
    });
  });

  it('tries nothing again before its time, and wakes for it', () => {
    always(({ actions, wakeAt }, _, { backoff }) => {
      for (const { key, retryAt } of backoff.filter((entry) => entry.retryAt > now)) {
        expect(actions.map((action) => action.key)).not.toContain(key);
        expect(wakeAt ?? Infinity).toBeLessThanOrEqual(retryAt);
      }
    });
  });

  it('wakes in the future or not at all', () => {
    always(({ wakeAt }) => expect(wakeAt ?? Infinity).toBeGreaterThan(now));
  });

  it('never lets a pool have more runners than its total', () => {
    always((made, desired, observed) => {
      const runners = sortRunners(observed);
      for (const { name, max } of desired.pools) {
        const alive = runners.filter((runner) => runner.pool === name).length;
        const starts = only(made, 'start-runner').filter(({ pool }) => pool.name === name);
        const toCome = startsToCome(name, runners, observed.inFlight);
        expect(starts.length).toBeLessThanOrEqual(Math.max(0, max - alive - toCome));
        for (const { slot } of starts) expect(slot).toBeLessThan(max);
      }
    });
  });

  it('starts runners in slots that nobody has', () => {
    always((made, _, { records }) => {
      for (const { pool, slot } of only(made, 'start-runner'))
        expect(records.some((record) => record.pool === pool.name && record.slot === slot)).toBe(false);
    });
  });

  it('starts runners only for a fresh queue that waits, on an engine that answers, while it serves', () => {
    always((made, desired, observed) => {
      const starts = only(made, 'start-runner');
      const jobs = observed.gitlab.state === 'fresh' ? observed.gitlab.value.jobs : [];
      const waiting = jobs.filter(({ status }) => status === 'pending').length;
      expect(starts.length).toBeLessThanOrEqual(desired.mode === 'serve' ? waiting : 0);
      for (const start of starts) expect(engineOf(start, observed)).toBe('fresh');
    });
  });

  it('lets no more runners begin than jobs wait, none in a drain, and each of them once', () => {
    always((made, desired, observed) => {
      const jobs = observed.gitlab.state === 'fresh' ? observed.gitlab.value.jobs : [];
      const waiting = jobs.filter(({ status }) => status === 'pending').length;
      const phaseOf = new Map(observed.records.map(({ name, phase }) => [name, phase]));
      const begin = only(made, 'release-runner').filter(({ container: { name, state } }) =>
        state === 'created' ? true : phaseOf.get(name) === 'warm',
      );
      expect(begin.length).toBeLessThanOrEqual(desired.mode === 'serve' ? waiting : 0);
      const told = observed.inFlight.map(({ key }) => key);
      for (const { key } of only(made, 'release-runner')) expect(told).not.toContain(key);
    });
  });

  it('does nothing at all on an engine whose look is not fresh', () => {
    always(({ actions }, _, observed) => {
      for (const action of actions) expect(engineOf(action, observed) ?? 'fresh').toBe('fresh');
    });
  });

  it('writes and removes no entry without a fresh list of them', () => {
    always(({ actions }, _, { entriesAtGitlab }) => {
      if (entriesAtGitlab.state === 'fresh') return;
      expect(actions.filter(({ kind }) => kind === 'write-entry' || kind === 'remove-entry')).toEqual([]);
    });
  });

  it('stops no runner that is busy, or may be, unless a person wants it gone', () => {
    always((made, desired, { gitlab, records }) => {
      const jobs = gitlab.state === 'fresh' || gitlab.state === 'stale' ? gitlab.value.jobs : [];
      const busy = jobs.flatMap((job) => (job.status === 'pending' ? [] : (job.systemId ?? [])));
      for (const { container } of only(made, 'stop-runner')) {
        const wanted = desired.mode === 'serve' && desired.sandbox?.state !== 'absent';
        const drained = records.some(({ name, phase }) => name === container.name && phase === 'draining');
        if (!wanted || drained) continue;
        expect(busy).not.toContain(systemIdOf(runnerIdOf(container.name) ?? ''));
        expect(gitlab.state).toBe('fresh');
      }
    });
  });

  it('removes no runner container that is up', () => {
    always((made) => {
      for (const { container } of only(made, 'remove-runner'))
        expect(['running', 'paused', 'restarting']).not.toContain(container.state);
    });
  });

  it('forgets no runner whose container is there, or that the look may have missed', () => {
    always((made, _, { nodes }) => {
      for (const { record } of only(made, 'forget-runner')) {
        const engine = nodes.find(({ id }) => id === record.node)?.engine;
        if (engine?.state !== 'fresh') throw new Error('forgotten without a fresh look');
        expect(engine.value.containers.map(({ name }) => name)).not.toContain(record.name);
        expect(engine.at).toBeGreaterThan(Math.max(record.createdAt, record.startedAt ?? 0));
      }
    });
  });

  it('removes no network that something stands on, and no data while a runner is left', () => {
    always((made, desired, observed) => {
      for (const { node } of only(made, 'remove-network')) {
        const engine = observed.nodes.find(({ id }) => id === node)?.engine;
        expect(engine?.state === 'fresh' && engine.value.containers.length).toBe(0);
      }
      for (const { deleteVolume } of only(made, 'remove-sandbox')) {
        if (deleteVolume === null) continue;
        expect(desired.sandbox?.state).toBe('absent');
        expect(observed.records).toEqual([]);
      }
    });
  });

  it('touches only containers that were observed', () => {
    always(({ actions }, _, { nodes }) => {
      const known = nodes.flatMap(({ engine }) => ('value' in engine ? engine.value.containers : []));
      for (const action of actions)
        if ('container' in action && action.container !== null) expect(known).toContain(action.container);
    });
  });

  it('names what it is about: every key, target and reason says something, and keys are unique', () => {
    always(({ actions, issues }) => {
      expect(new Set(actions.map(({ key }) => key)).size).toBe(actions.length);
      for (const { key, target, reason, kind } of actions) {
        expect(key.startsWith(kind)).toBe(true);
        expect(target.trim()).not.toBe('');
        expect(reason.length).toBeGreaterThan(10);
      }
      for (const { key, message, next } of issues)
        for (const text of [key, message, next]) expect(text.length).toBeGreaterThan(5);
    });
  });
});
