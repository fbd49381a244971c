// What is at a name right now, as the zone's own name servers say it.
import { describe, expect, it } from 'vitest';
import { createLookTxt } from '../../../../main/adapters/dns/look-txt.ts';

const zone = 'duckdns.org';
const name = `_acme-challenge.lab.${zone}`;

function fails(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(`query ${code}`), { code }));
}

/** Name servers that know this, each behind its own address. */
function servers({ ns = ['ns1', 'ns2'], txt }: { ns?: string[]; txt: () => Promise<string[][]> }) {
  const told: (readonly string[])[] = [];
  const look = createLookTxt(() => ({
    resolveNs: async (asked) => (asked === zone ? ns : fails('ENODATA')),
    resolve4: (async (host: string) => (host === 'ns1' ? ['192.0.2.1'] : fails('ETIMEOUT'))) as never,
    resolveTxt: txt,
    setServers: (given) => void told.push(given),
  }));
  return { look, told };
}

describe('TXT records', () => {
  it('are those of the name servers of the zone that can be found', async () => {
    const { look, told } = servers({ txt: async () => [['one ', 'text'], ['']] });
    expect(await look(zone, name)).toEqual(['one text', '']);
    expect(told).toEqual([['192.0.2.1']]);
  });

  it.each(['ENODATA', 'ENOTFOUND'])('are none where the zone says %s', async (code) => {
    expect(await servers({ txt: () => fails(code) }).look(zone, name)).toEqual([]);
  });

  it('are not said to be none where nobody could be asked', async () => {
    const { look } = servers({ txt: () => fails('ETIMEOUT') });
    await expect(look(zone, name)).rejects.toThrow('do not say what is there now');
    await expect(look(`lab.${zone}`, name)).rejects.toThrow('do not say what is there now');
    const lost = servers({ ns: ['ns2'], txt: async () => [] });
    await expect(lost.look(zone, name)).rejects.toThrow('nobody knows where ns2 is');
  });
});
