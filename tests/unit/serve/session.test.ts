import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSessions } from '../../../main/serve/session.ts';
import { limitTries } from '../../../main/serve/tries.ts';

const token = 'a'.repeat(43);
const day = 24 * 3_600_000;

/** What a browser sends back of a `Set-Cookie` line. */
function cookieOf(line: string): string {
  return line.split(';')[0] ?? '';
}

describe('a session', () => {
  it('is open for a month after its last use, and worth a new date after a day', () => {
    let now = 1_700_000_000_000;
    const sessions = openSessions(token, () => now);
    const cookie = cookieOf(sessions.begin());
    expect(sessions.read(cookie)).toBe('open');
    now += day + 1;
    expect(sessions.read(cookie)).toBe('aging');
    now += 29 * day;
    expect(sessions.read(cookie)).toBe('none');
  });

  it('outlives the process and ends with the token', () => {
    const cookie = cookieOf(openSessions(token, Date.now).begin());
    expect(openSessions(token, Date.now).read(cookie)).toBe('open');
    const other = openSessions('b'.repeat(43), Date.now);
    expect(other.read(cookie)).toBe('none');
    // Nor under the name that the other looks for.
    expect(other.read(cookie.replace(/^[^=]*/, other.cookieName))).toBe('none');
  });

  it('has a cookie that scripts cannot read, other sites cannot use, and no other home shares', () => {
    const { cookieName, begin, end } = openSessions(token, Date.now);
    expect(begin()).toMatch(
      /^autogit-[\da-f]{12}=\d+\.[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    expect(end()).toBe(`${cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`);
    expect(openSessions('b'.repeat(43), Date.now).cookieName).not.toBe(cookieName);
    expect(begin()).not.toContain(token);
  });

  it('is found among other cookies', () => {
    const sessions = openSessions(token, Date.now);
    const cookie = cookieOf(sessions.begin());
    expect(sessions.read(`a=b; ${cookie};c="d e"`)).toBe('open');
    expect(sessions.read(`x${cookie}`)).toBe('none');
    expect(sessions.read(undefined)).toBe('none');
  });

  it('cannot be made or prolonged without the token', () => {
    const sessions = openSessions(token, () => 1_000);
    const cookie = cookieOf(sessions.begin());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: cookie.length - 1 }), fc.string({ maxLength: 3 }), (at, put) => {
        const forged = cookie.slice(0, at) + put + cookie.slice(at + 1);
        fc.pre(forged.trim() !== cookie && !forged.startsWith(`${cookie};`));
        expect(sessions.read(forged)).toBe('none');
      }),
    );
  });
});

describe('wrong tries', () => {
  it('cost nothing at first, then ever longer waits, at most half a minute', () => {
    let now = 0;
    const tries = limitTries(() => now);
    const waits: number[] = [];
    for (let count = 0; count < 13; count += 1) {
      const begun = now;
      while (!mayTry(tries.check)) now += 1000;
      waits.push((now - begun) / 1000);
      tries.failed();
    }
    expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it('are forgotten after a right one, and after five minutes', () => {
    let now = 0;
    const tries = limitTries(() => now);
    const fail = (): void => Array.from({ length: 12 }).forEach(tries.failed);
    fail();
    expect(mayTry(tries.check)).toBe(false);
    tries.passed();
    expect(mayTry(tries.check)).toBe(true);
    fail();
    now += 301_000;
    tries.check();
    tries.failed();
    expect(mayTry(tries.check)).toBe(true);
  });

  it('lock nobody out when the clock is set back', () => {
    let now = 1_000_000_000;
    const tries = limitTries(() => now);
    Array.from({ length: 12 }).forEach(tries.failed);
    now = 0;
    expect(() => tries.check()).toThrow(
      expect.objectContaining({ key: 'http.too-many-tries', fields: { seconds: 30 } }),
    );
  });
});

function mayTry(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
