import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlap, parseSubnet } from '../../../main/model/stack/subnet.ts';
import { chooseSubnets } from '../../../main/templates/subnets.ts';

const names = ['edge', 'inner', 'socket'] as const;
const octet = fc.integer({ min: 0, max: 255 });
const subnet = fc
  .tuple(fc.constantFrom(10, 172, 192), octet, octet, fc.integer({ min: 9, max: 30 }))
  .map(([a, b, c, length]) => `${a}.${a === 172 ? 16 + (b % 16) : a === 192 ? 168 : b}.${c}.0/${length}`);

function overlaps(a: string, b: string): boolean {
  const [left, right] = [parseSubnet(a), parseSubnet(b)];
  return left !== null && right !== null && overlap(left, right);
}

describe('networks of a stack', () => {
  it('collide with nothing that is there, nor with each other, and are the same again', () => {
    fc.assert(
      fc.property(fc.array(subnet, { maxLength: 20 }), (taken) => {
        const chosen = chooseSubnets(names, taken);
        if (chosen === null) return;
        const found = [...chosen.values()].map((one) => one.subnet);
        expect(found).toHaveLength(3);
        found.forEach((one, index) => {
          expect(one).toMatch(/^(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)\..*\/24$/);
          expect([...taken, ...found.slice(0, index)].filter((other) => overlaps(one, other))).toEqual([]);
        });
        expect(chooseSubnets(names, taken)).toEqual(chosen);
      }),
    );
  });

  it('stay what they are while nothing collides', () => {
    const kept = { edge: '172.28.7.0/24', inner: '172.28.8.0/24' };
    const chosen = chooseSubnets(names, ['172.28.8.0/22'], { kept });
    expect(chosen?.get('edge')?.subnet).toBe('172.28.7.0/24');
    expect(chosen?.get('inner')?.subnet).toBe('172.29.0.0/24');
    expect(chosen?.get('edge')?.gateway).toBe('172.28.7.1');
  });

  it('stay whatever comes while the engine has them, and the others go around them', () => {
    fc.assert(
      fc.property(fc.array(subnet, { maxLength: 20 }), fc.subarray([...names]), (taken, standing) => {
        const kept = { edge: '172.29.0.0/24', inner: '172.29.1.0/24', socket: '172.29.2.0/24' };
        const chosen = chooseSubnets(names, [...taken, '172.29.0.0/16'], { kept, standing });
        if (chosen === null) return;
        for (const name of names)
          expect(chosen.get(name)?.subnet === kept[name], name).toBe(standing.includes(name));
      }),
    );
  });

  it('are told to have no room where everything is taken', () => {
    expect(chooseSubnets(names, ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])).toBeNull();
  });

  it('are not disturbed by the default route or by IPv6', () => {
    expect(chooseSubnets(names, ['0.0.0.0/0', 'fd00::/8', 'nonsense'])?.get('edge')?.subnet).toBe(
      '172.29.0.0/24',
    );
  });
});
