// What a name may be made of that others see: one odd character in Authelia's file keeps Authelia from starting.
import { describe, expect, it } from 'vitest';
import { userRequests } from '../../../main/contract/requests/user.ts';

const takes = (displayName: string): boolean =>
  userRequests['user.add'].input.safeParse({ name: 'ana', email: 'ana@lab.home.arpa', displayName }).success;

describe('a name that others see', () => {
  it.each(['Ana B.', 'Añа 安娜', '👩🏽\u200D🔧', 'O\'Neil "Al" #1: no'])('may be %s', (name) => {
    expect(takes(name)).toBe(true);
  });

  it.each([
    '\0',
    '\n',
    '\u007F',
    '\u0085',
    '\u0090',
    '\u2028',
    '\u2029',
    '\uD800',
    '\uFEFF',
    '\uFFFE',
    '\uFFFF',
  ])('has no %j in it', (odd) => {
    expect(takes(`Ana${odd}B.`)).toBe(false);
  });
});
