// The root of a directory: what the file has to be, before Authelia is given it.
import { describe, expect, it } from 'vitest';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';
import { certificatesIn, readDirectoryRoot } from '../../../../main/apply/stack/directory-root.ts';

const crypto = createCrypto();
const clock = { now: Date.now, monotonic: () => 0, sleep: async () => undefined };
const year = 365 * 24 * 3_600_000;
const pair = await crypto.authority('Directory', 'example.test', Date.now());

const read = (text: string | Error) =>
  readDirectoryRoot('/srv/root.pem', {
    ...{ crypto, clock },
    readText: async () => (text instanceof Error ? Promise.reject(text) : text),
  });

describe('the root of a directory', () => {
  it('is taken, also where Windows has written its lines', async () => {
    for (const text of [
      pair.certificate,
      pair.certificate.replaceAll('\n', '\r\n'),
      `# a remark\n${pair.certificate}`,
    ]) {
      const { certificates = [] } = await read(text);
      expect(certificates[0]?.join('')).toBe(pair.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, ''));
    }
    expect((await read(`${pair.certificate}\n${pair.certificate}`)).certificates).toHaveLength(2);
  });

  it.each([
    ['empty', '', 'no certificate'],
    ['something else', 'hello', 'no certificate'],
    ['with a key', `${pair.certificate}\n${pair.key}`, 'private key'],
    ['not readable', new Error('permission denied'), 'permission denied'],
    ['damaged', pair.certificate.replace(/M/, '!'), 'certificate'],
    ['far too big', `${pair.certificate}${'x'.repeat(300_000)}`, 'too big'],
  ] as const)('that is %s is refused with a reason', async (_, text, why) => {
    expect((await read(text)).problem).toMatchObject({ key: 'stack.directory-ca' });
    expect((await read(text)).problem?.message).toContain(why);
  });

  it('that has ended is refused with its dates', async () => {
    const old = await crypto.authority('Directory', 'example.test', Date.now() - 11 * year);
    expect((await read(old.certificate)).problem?.message).toMatch(/holds from \d{4}-\d\d-\d\d to/);
  });

  it('is found among other things in a file', () => {
    expect(certificatesIn(`a\n${pair.certificate}b`)).toEqual([pair.certificate.trim()]);
  });
});
