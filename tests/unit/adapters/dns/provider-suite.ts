// What providers of names must do, the fake included.
import { describe, expect, it } from 'vitest';
import type { DnsProvider, DnsRecord } from '../../../../main/stack-ports.ts';

/** `open`: a provider of the zone example.com with these records, which somebody else has made. */
export function describeDnsProvider(
  title: string,
  open: (records: readonly DnsRecord[]) => Promise<DnsProvider>,
): void {
  describe(title, () => {
    const wanted: DnsRecord = { name: 'gitlab.example.com', type: 'A', value: '192.168.1.10', ttl: 300 };
    const others: readonly DnsRecord[] = [
      { ...wanted, type: 'AAAA', value: 'fd00::1' },
      { ...wanted, name: 'www.example.com', value: '203.0.113.9' },
    ];
    /** In one order. */
    const linesOf = (records: readonly DnsRecord[]): readonly string[] =>
      records.map(({ name, type, value, ttl }) => `${name} ${type} ${value} ${ttl}`).toSorted();
    const expectThere = async (provider: DnsProvider, records: readonly DnsRecord[]): Promise<void> =>
      expect(linesOf(await provider.records())).toEqual(linesOf(records));

    it('makes a record beside those of other names and types, once', async () => {
      const provider = await open(others);
      await provider.put(wanted);
      await provider.put(wanted);
      await expectThere(provider, [...others, wanted]);
    });

    it('leaves one of somebody else that leads there already', async () => {
      const provider = await open([...others, { ...wanted, ttl: 60 }]);
      await provider.put(wanted);
      await expectThere(provider, [...others, { ...wanted, ttl: 60 }]);
    });

    it('refuses to change one of somebody else that leads elsewhere, unless it may be replaced', async () => {
      const foreign = { ...wanted, value: '203.0.113.1' };
      const provider = await open([...others, foreign]);
      for (const options of [undefined, {}, { replace: false }])
        await expect(provider.put(wanted, options)).rejects.toMatchObject({ key: 'names.record-differs' });
      await expectThere(provider, [...others, foreign]);
      await provider.put(wanted, { replace: true });
      await expectThere(provider, [...others, wanted]);
    });

    it('makes one of several records of a name that may be replaced', async () => {
      const several = ['203.0.113.1', '203.0.113.2'].map((value) => ({ ...wanted, value }));
      const provider = await open([...others, ...several]);
      await expect(provider.put(wanted)).rejects.toMatchObject({ key: 'names.record-differs' });
      await expectThere(provider, [...others, ...several]);
      await provider.put(wanted, { replace: true });
      await expectThere(provider, [...others, wanted]);
    });
  });
}
