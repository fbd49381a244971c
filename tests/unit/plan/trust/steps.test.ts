// Steps that change stores of roots, for every kind of store, and the same for a shell.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownRoot, RootStore, StoreWay } from '../../../../main/model/trust.ts';
import { isRootName, rootFileName, rootNickname } from '../../../../main/model/trust.ts';
import {
  isStale,
  ownIn,
  shellLines,
  stepsToForget,
  stepsToTrust,
  strangeIn,
} from '../../../../main/plan/trust/steps.ts';

const rootOf = (digit: string, lab = 'casa'): KnownRoot => ({
  ...{ lab, certificate: `PEM ${digit}`, fingerprint: digit.repeat(64), sha1: digit.repeat(40) },
});
const [root, old] = [rootOf('a'), rootOf('b')];
const files: StoreWay = {
  ...{ kind: 'files', folder: '/anchors', extension: '.crt', isOwnFolder: false },
  refresh: { added: ['/sbin/update'], removed: ['/sbin/update', '--fresh'] },
};
const ways: Readonly<Record<string, StoreWay>> = {
  files,
  nss: { kind: 'nss', database: '/home/ana/.pki/nssdb', exists: true },
  keychain: { kind: 'keychain', keychain: '/Library/System.keychain' },
  windows: { kind: 'windows' },
};
const none = new Map<string, readonly string[]>();
const lines = (steps: Parameters<typeof shellLines>[0], asRoot = true) =>
  shellLines(steps, { asRoot, file: '/srv/my lab/ca.crt' });

describe('steps to trust a root', () => {
  it('put the new one in before the old one goes, and tell the system once', () => {
    const steps = stepsToTrust({ way: files, trusted: [] }, root, [old]);
    expect(lines(steps)).toEqual([
      "sudo install -D -m 0644 '/srv/my lab/ca.crt' /anchors/autogit-casa-aaaaaaaa.crt",
      'sudo rm -f /anchors/autogit-casa-bbbbbbbb.crt',
      'sudo /sbin/update --fresh',
    ]);
  });

  it('only take the old one out where the new one is there', () => {
    const steps = stepsToTrust({ way: files, trusted: [root.fingerprint] }, root, [old]);
    expect(lines(steps)).toEqual([
      'sudo rm -f /anchors/autogit-casa-bbbbbbbb.crt',
      'sudo /sbin/update --fresh',
    ]);
    expect(stepsToTrust({ way: files, trusted: [root.fingerprint] }, root, [])).toEqual([]);
  });

  it('make a database that is not there, for its owner alone', () => {
    const way: StoreWay = { kind: 'nss', database: '/home/ana/.pki/nssdb', exists: false };
    expect(lines(stepsToTrust({ way, trusted: [] }, root, []), false)).toEqual([
      'install -d -m 0700 /home/ana/.pki/nssdb',
      'certutil -N -d sql:/home/ana/.pki/nssdb --empty-password',
      "certutil -A -d sql:/home/ana/.pki/nssdb -t C,, -n 'AutoGit casa aaaaaaaa' -i '/srv/my lab/ca.crt'",
    ]);
  });

  it.each(Object.entries(ways))('hand the certificate to each program that needs it: %s', (_kind, way) => {
    for (const step of stepsToTrust({ way, trusted: [] }, root, [])) {
      if (step.do !== 'run') continue;
      expect(step.args.includes('{certificate}')).toBe(step.certificate === root.certificate);
    }
  });

  it.each(Object.entries(ways))('are undone one by one: %s', (_kind, way) => {
    const text = JSON.stringify(stepsToForget({ way }, [root], false));
    expect([root.sha1, rootFileName(root), rootNickname(root)].some((name) => text.includes(name))).toBe(
      true,
    );
    expect(stepsToForget({ way }, [], false)).toEqual([]);
  });
});

describe("AutoGit's own roots in a store", () => {
  const store = (found: RootStore['found'], way: StoreWay = files) => ({ id: 'system', way, found });

  it('are those with its name and its content, not with one of them', () => {
    const own = { name: 'autogit-casa-aaaaaaaa.crt', fingerprint: root.fingerprint };
    expect(ownIn(store([own]), [root, old], none)).toEqual([root]);
    const byHand = { name: 'company.crt', fingerprint: root.fingerprint };
    const forged = { name: 'autogit-casa-aaaaaaaa.crt', fingerprint: 'c'.repeat(64) };
    expect(ownIn(store([byHand, forged]), [root, old], none)).toEqual([]);
    expect(strangeIn(store([byHand, forged]), [root, old])).toEqual([forged]);
  });

  it('are known by what AutoGit has kept where stores give no names', () => {
    const found = [{ name: '', fingerprint: root.fingerprint }];
    expect(ownIn(store(found, { kind: 'windows' }), [root], none)).toEqual([]);
    const given = new Map([[root.fingerprint, ['system']]]);
    expect(ownIn(store(found, { kind: 'windows' }), [root], given)).toEqual([root]);
  });

  it('are stale where programs find them without a file', () => {
    const trusted = [root.fingerprint];
    expect(isStale({ way: files, found: [], trusted }, [root])).toBe(true);
    const found = [{ name: 'mine.crt', fingerprint: root.fingerprint }];
    expect(isStale({ way: files, found, trusted }, [root])).toBe(false);
  });

  it('have names that are known again, for any lab and fingerprint', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/),
        fc.stringMatching(/^[0-9a-f]{64}$/),
        (lab, fingerprint) => {
          const made = { lab, fingerprint };
          expect(isRootName(`${rootFileName(made)}.crt`) && isRootName(rootNickname(made))).toBe(true);
        },
      ),
    );
  });
});

describe('lines for a shell', () => {
  it('hold each path as one word, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const [line = ''] = shellLines([{ do: 'remove', path: `/a/${name}`, withFolder: false }], {
          ...{ asRoot: false, file: '/ca.crt' },
        });
        const word = line.slice('rm -f '.length);
        const read = word.startsWith("'") ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word;
        expect(read).toBe(`/a/${name}`);
      }),
    );
  });
});
