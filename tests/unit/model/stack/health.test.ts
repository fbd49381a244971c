// How services stand at one look, and which lines of a log tell why.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  furthestMilestone,
  healthOf,
  isLastMilestone,
  tellingLines,
  waitingWords,
} from '../../../../main/model/stack/health.ts';
import type { StackContainer } from '../../../../main/model/stack/stack.ts';
import { someContainer } from '../../../fakes/some-stack.ts';

const service = { name: 'gitlab', hasHealthCheck: true };
const now = 1_700_000_060_000;
const look = (
  change: Partial<StackContainer> = {},
  runsHealthChecks = true,
): Parameters<typeof healthOf>[1] => ({
  ...{ containers: [someContainer('gitlab', change)], restartsBefore: {}, runsHealthChecks, now },
});

describe('healthOf', () => {
  it.each([
    [{}, 'fine'],
    [{ health: 'none' }, 'fine'],
    [{ health: 'starting' }, 'waiting'],
    [{ health: 'unhealthy' }, 'ill'],
    [{ state: 'restarting' }, 'waiting'],
    [{ state: 'created' }, 'waiting'],
    [{ state: 'exited' }, 'lost'],
    [{ state: 'dead' }, 'lost'],
    [{ state: 'paused' }, 'lost'],
    [{ restarts: 5 }, 'fine'],
    [{ restarts: 6 }, 'lost'],
    [{ state: 'removing' }, 'lost'],
  ] as const)('of a container that is %j: %s', (change, state) => {
    expect(healthOf(service, look(change), false).state).toBe(state);
  });

  it('takes one that nobody checks as fine once it has run a moment: what ends at once runs for one, too', () => {
    const state = (startedAt: number | null): string =>
      healthOf(service, look({ health: 'none', startedAt }), false).state;
    expect(state(now - 2_900)).toBe('waiting');
    expect(state(now - 3_000)).toBe('fine');
    expect(state(null)).toBe('fine');
    expect(state(now + 60_000), 'the clock of the engine is ahead').toBe('fine');
  });

  it('waits for the milestones of one whose check nobody runs, and that has none for that reason', () => {
    const unchecked = { health: 'none' } as const;
    expect(healthOf(service, look(unchecked, false), false).state).toBe('waiting');
    expect(healthOf(service, look(unchecked, false), true).state).toBe('fine');
    expect(healthOf({ ...service, hasHealthCheck: false }, look(unchecked, false), false).state).toBe('fine');
  });

  it('goes by the milestones alone where nobody tells since when it runs', () => {
    const untold = { health: 'none', startedAt: null } as const;
    expect(healthOf(service, look(untold, false), false).state).toBe('waiting');
    expect(healthOf(service, look(untold, false), true).state).toBe('fine');
  });

  it('counts restarts from the first look on', () => {
    expect(
      healthOf(service, { ...look({ restarts: 9 }), restartsBefore: { 'id-gitlab': 4 } }, false).state,
    ).toBe('fine');
  });

  it('takes a container that has run a while and passed its milestones as fine where nobody runs checks', () => {
    const starting = { health: 'starting' } as const;
    expect(healthOf(service, look(starting, false), true).state).toBe('fine');
    expect(healthOf(service, look(starting, false), false).state).toBe('waiting');
    expect(healthOf(service, look({ ...starting, startedAt: now - 1_000 }, false), true).state).toBe(
      'waiting',
    );
    expect(healthOf(service, look({ ...starting, startedAt: now - 16 * 60_000 }, false), false).state).toBe(
      'fine',
    );
  });
});

describe('milestones', () => {
  const milestones = [
    { key: 'up', service: 'gitlab', waiting: 'GitLab is starting', usually: '2 minutes', log: null },
    {
      key: 'migrates',
      service: 'gitlab',
      waiting: 'GitLab is migrating',
      usually: 'usually 3 minutes',
      log: 'db:migrate',
    },
    { key: 'broken', service: 'gitlab', waiting: 'Never', usually: '-', log: '(' },
    { key: 'puma', service: 'gitlab', waiting: 'GitLab loads', usually: '1 minute', log: '^puma' },
  ].filter(({ key }) => key !== 'broken');
  const keyIn = (log: string, before: string | null = null): string | undefined =>
    furthestMilestone(milestones, 'gitlab', log, before)?.key;

  it('are passed in their order by the lines of the log, and never backwards', () => {
    expect(keyIn('')).toBe('up');
    expect(keyIn('run db:migrate\n')).toBe('migrates');
    expect(keyIn('puma: listening\nrun db:migrate')).toBe('puma');
    expect(keyIn('other lines', 'migrates')).toBe('migrates');
    expect(furthestMilestone(milestones, 'traefik', '', null)).toBeNull();
  });

  it('know their last', () => {
    expect(isLastMilestone(milestones, milestones.at(-1) ?? null)).toBe(true);
    expect(isLastMilestone(milestones, milestones[0] ?? null)).toBe(false);
    expect(isLastMilestone(milestones, null)).toBe(true);
  });

  it('say what is waited for and how long that usually takes', () => {
    expect(waitingWords(milestones[0] ?? null, 'gitlab')).toBe(
      'GitLab is starting, usually 2 minutes on this machine',
    );
    expect(waitingWords(milestones[1] ?? null, 'gitlab')).toBe(
      'GitLab is migrating, usually 3 minutes on this machine',
    );
    expect(waitingWords(null, 'coredns')).toBe('Waiting for coredns');
  });
});

describe('tellingLines', () => {
  it('are the last that say what is wrong, without harmless ones', () => {
    const log =
      'ok\nERROR first\nwarn: error that means nothing\n\u001b[31mFATAL second\u001b[0m\nall done\n';
    expect(tellingLines(log, ['means nothing'])).toEqual(['ERROR first', 'FATAL second']);
  });

  it('are the last ones where none says it', () => {
    expect(tellingLines('a\nb\n', [])).toEqual(['a', 'b']);
  });

  it('are few, short and printable, whatever a service prints', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (log, harmless) => {
        const lines = tellingLines(log, harmless);
        expect(lines.length).toBeLessThanOrEqual(5);
        for (const line of lines) {
          expect(line.length).toBeLessThanOrEqual(300);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});
