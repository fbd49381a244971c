// Asks the name servers of a zone themselves for TXT records: what others remember may be a minute old.
import { Resolver } from 'node:dns/promises';
import { messageOf } from '../../errors.ts';

/** Texts of the TXT records of a name, asked at the zone's own name servers; `[]`: none. Rejects where they are silent. */
export type LookTxt = (zone: string, name: string) => Promise<readonly string[]>;

type Asks = Pick<Resolver, 'resolveNs' | 'resolve4' | 'resolveTxt' | 'setServers'>;

const nothing: readonly string[] = ['ENOTFOUND', 'ENODATA'];

function isNothing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && nothing.includes(String(error.code));
}

/** `open`: who asks the machine's name servers, until it is told others. */
export function createLookTxt(open: () => Asks = () => new Resolver({ timeout: 2_000, tries: 2 })): LookTxt {
  return async (zone, name) => {
    const [machine, own] = [open(), open()];
    try {
      const servers = await machine.resolveNs(zone);
      const found = await Promise.all(servers.map((server) => machine.resolve4(server).catch(() => [])));
      if (found.flat().length === 0) throw new Error(`nobody knows where ${servers.join(', ')} is`);
      own.setServers(found.flat());
    } catch (error) {
      throw silent(zone, error);
    }
    try {
      return (await own.resolveTxt(name)).map((parts) => parts.join(''));
    } catch (error) {
      if (isNothing(error)) return [];
      throw silent(zone, error);
    }
  };
}

function silent(zone: string, cause: unknown): Error {
  return new Error(`the name servers of ${zone} do not say what is there now: ${messageOf(cause)}`, {
    cause,
  });
}
