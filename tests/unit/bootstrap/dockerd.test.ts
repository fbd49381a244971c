// What is said when dockerd does not start, and what it is started with.
import { describe, expect, it } from 'vitest';
import { excerptOf, withoutNpm } from '../../../main/bootstrap/dockerd.js';

describe("dockerd's log", () => {
  it('gives the reason, not the chatter around it', () => {
    const log = [
      'time="2026-01-01T10:00:00Z" level=info msg="Starting up"',
      'time="2026-01-01T10:00:00Z" level=warning msg="Running without cgroups"',
      "failed to start daemon: Devices cgroup isn't mounted",
      '',
    ].join('\n');
    expect(excerptOf(log)).toBe("failed to start daemon: Devices cgroup isn't mounted");
  });

  it('gives its last lines where none is an error', () => {
    expect(excerptOf('one\ntwo\nthree\n')).toBe('two / three');
    expect(excerptOf('')).toBe('it wrote nothing');
  });
});

describe('the environment of a daemon', () => {
  it("is not npm's", () => {
    const env = withoutNpm({
      PATH: '/repo/node_modules/.bin:/usr/bin',
      npm_config_cache: '/c',
      HOME: '/root',
    });
    expect(env).toEqual({ PATH: '/usr/bin', HOME: '/root' });
  });
});
