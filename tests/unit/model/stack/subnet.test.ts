// Networks as numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressNumber,
  addressText,
  isInside,
  overlap,
  parseSubnet,
  subnetText,
} from '../../../../main/model/stack/subnet.ts';
import type { Subnet } from '../../../../main/model/stack/subnet.ts';

const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const subnet = fc
  .tuple(number, fc.integer({ min: 0, max: 32 }))
  .map(([address, bits]): Subnet => parseSubnet(`${addressText(address)}/${bits}`) ?? { first: 0, bits: 0 });

describe('subnets', () => {
  it('reads what people write, and nothing else', () => {
    expect(parseSubnet('192.168.1.77/24')).toEqual({ first: 0xc0a80100, bits: 24 });
    for (const text of [
      '',
      '192.168.1.0',
      '1.2.3.256/8',
      '01.2.3.4/8',
      '1.2.3.4/33',
      'fd00::/8',
      '1.2.3.4/8 ',
    ])
      expect(parseSubnet(text), text).toBeNull();
  });

  it('comes back from text as it went', () => {
    fc.assert(
      fc.property(subnet, (one) => {
        expect(parseSubnet(subnetText(one))).toEqual(one);
        expect(addressNumber(addressText(one.first))).toBe(one.first);
      }),
    );
  });

  it('overlaps exactly where both have an address', () => {
    fc.assert(
      fc.property(subnet, subnet, (a, b) => {
        const [narrow, wide] = a.bits >= b.bits ? [a, b] : [b, a];
        expect(overlap(a, b)).toBe(isInside(narrow.first, wide));
        expect(overlap(b, a)).toBe(overlap(a, b));
      }),
    );
  });
});
