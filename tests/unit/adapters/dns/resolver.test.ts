// Asking name servers: answers, nothing there, refusal and silence.
import { describe, expect, it } from 'vitest';
import { createResolver } from '../../../../main/adapters/dns/resolver.ts';
import { nameServer } from './name-server.ts';

const resolver = createResolver({ timeoutMs: 100, tries: 1 });
const name = 'gitlab.lab.home.arpa';

describe('a name server', () => {
  it('is asked for the addresses of a name, by kind', async () => {
    const server = await nameServer((asked, type) => {
      if (asked !== name) return { code: 3 };
      return { addresses: type === 'A' ? ['192.168.1.10', '10.0.0.1'] : ['fd00:0:0:0:0:0:0:1'] };
    });
    expect(await resolver.resolve(name, 'A', server)).toEqual(['10.0.0.1', '192.168.1.10']);
    expect(await resolver.resolve(name, 'AAAA', server)).toEqual(['fd00::1']);
    expect(await resolver.resolve('absent.lab.home.arpa', 'A', server)).toEqual([]);
  });

  it('that knows the name but no such address has nothing', async () => {
    const server = await nameServer(() => ({ addresses: [] }));
    expect(await resolver.resolve(name, 'AAAA', server)).toEqual([]);
  });

  it.each([
    [5, 'it refuses to answer for this name'],
    [2, 'it failed (SERVFAIL)'],
  ] as const)('that answers with code %d gives no answer', async (code, why) => {
    const server = await nameServer(() => ({ code }));
    await expect(resolver.resolve(name, 'A', server)).rejects.toMatchObject({
      ...{ key: 'names.no-answer', retry: true },
      message: `The name server ${server} gave no answer for ${name}: ${why}.`,
    });
  });

  it('that is silent is not waited for', async () => {
    const server = await nameServer(() => null);
    await expect(resolver.resolve(name, 'A', server)).rejects.toMatchObject({
      ...{ key: 'names.no-answer', message: expect.stringContaining('it was silent') as string },
    });
  });

  it.each(['resolver.example', '1.2.3', ''])('has an address: %j is none', async (server) => {
    await expect(resolver.resolve(name, 'A', server)).rejects.toMatchObject({
      ...{ key: 'names.no-answer', message: expect.stringContaining('not an IP address') as string },
    });
  });
});

describe('this machine', () => {
  it('resolves as its programs do', async () => {
    expect(await resolver.resolve('localhost', 'A', null)).toEqual(['127.0.0.1']);
  });

  it('has nothing for a name that cannot be', async () => {
    const asked = resolver.resolve('absent.invalid', 'A', null);
    // Without any name server there is no answer, which is not the same as nothing.
    await expect(asked.catch((error: unknown) => error)).resolves.toSatisfy(
      (said) => (Array.isArray(said) && said.length === 0) || said instanceof Error,
    );
  });
});
