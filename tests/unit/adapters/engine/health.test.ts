// Health as engines tell it: in the words of a listing, or by a look at one container.
import { describe, expect, it } from 'vitest';
import {
  describedContainer,
  fromDescribed,
  fromListed,
  listedContainer,
} from '../../../../main/adapters/engine/container-view.ts';

const listed = (State: string, Status: string) =>
  fromListed(listedContainer.parse({ Id: 'a', Names: ['/a'], Image: 'x', State, Status })).health;
const described = (Status: string, Health?: { readonly Status: string } | null) =>
  fromDescribed(
    describedContainer.parse({
      ...{ Id: 'a', Name: '/a', Config: { Image: 'x' }, State: { Status, ExitCode: 0, Health } },
    }),
  ).health;

describe('the health of a container', () => {
  it('stands at the end of its listed status', () => {
    expect(listed('running', 'Up 5 minutes (healthy)')).toBe('healthy');
    expect(listed('running', 'Up About a minute (unhealthy)')).toBe('unhealthy');
    expect(listed('running', 'Up Less than a second (health: starting)')).toBe('starting');
  });

  it('is missing where it has no check, does not run, or is not told', () => {
    expect(listed('running', 'Up 5 minutes')).toBeUndefined();
    expect(listed('paused', 'Up 5 minutes (Paused)')).toBeUndefined();
    expect(listed('exited', 'Exited (137) 5 minutes ago')).toBeUndefined();
    expect(listed('running', '')).toBeUndefined();
    expect(described('running')).toBeUndefined();
    expect(described('running', { Status: '' })).toBeUndefined();
    expect(described('exited', { Status: 'unhealthy' })).toBeUndefined();
  });

  it('is the word of a look at it', () => {
    expect(described('running', { Status: 'starting' })).toBe('starting');
    expect(described('running', { Status: 'unhealthy' })).toBe('unhealthy');
  });
});
