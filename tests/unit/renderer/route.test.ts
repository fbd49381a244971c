import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRoute, pageNames, parseRoute, tokenIn } from '../../../renderer/state/route.ts';

const name = fc.string({ minLength: 1, unit: 'grapheme' });

describe('addresses', () => {
  it.each([
    ['', { page: 'overview', id: null, query: {} }],
    ['#/', { page: 'overview', id: null, query: {} }],
    ['#/jobs', { page: 'jobs', id: null, query: {} }],
    ['#/jobs/41', { page: 'jobs', id: '41', query: {} }],
    [
      '#/jobs/41?status=failed&text=build',
      { page: 'jobs', id: '41', query: { status: 'failed', text: 'build' } },
    ],
    ['#/jobs?text=a%3Fb', { page: 'jobs', id: null, query: { text: 'a?b' } }],
  ])('%s', (fragment, route) => {
    expect(parseRoute(fragment)).toEqual(route);
  });

  it.each(['#/nothing', '#/jobs/41/log', '#/jobs/%E0%A4%A', '#token=abc'])(
    '%s does not exist',
    (fragment) => {
      expect(parseRoute(fragment)).toBeNull();
    },
  );

  it('lead back to the route they were made of', () => {
    const route = fc.record({
      page: fc.constantFrom(...pageNames.filter((page) => page !== 'overview')),
      id: fc.option(name),
      query: fc.dictionary(name, name).map((query) => ({ ...query })),
    });
    fc.assert(
      fc.property(route, (given) => {
        expect(parseRoute(formatRoute(given))).toEqual(given);
      }),
    );
  });

  it('leave out what is empty', () => {
    expect(formatRoute({ page: 'jobs', query: { status: '', text: 'x' } })).toBe('#/jobs?text=x');
  });
});

describe('the token of a link', () => {
  it('is read', () => expect(tokenIn('#token=ab-c_1')).toBe('ab-c_1'));
  it.each(['', '#/', '#/jobs?token=abc'])('is not in %s', (fragment) => expect(tokenIn(fragment)).toBeNull());
});
