// What folders of a stack must do, the fake's included.
import { beforeEach, describe, expect, it } from 'vitest';
import type { StackFolder } from '../../../../main/stack-ports.ts';

export interface FolderSubject {
  readonly folder: StackFolder;
  /** A place where data may lie. */
  readonly place: string;
  modeOf(lab: string, path: string): number | null;
  file(lab: string, path: string): string | null;
}

export function describeStackFolder(title: string, open: () => FolderSubject): void {
  describe(title, () => {
    let subject: FolderSubject;
    let folder: StackFolder;
    beforeEach(() => {
      subject = open();
      folder = subject.folder;
    });

    it('has nothing at first', async () => {
      expect(folder.pathOf('lab').endsWith('/stack/lab')).toBe(true);
      expect(await folder.read('lab')).toBeNull();
      expect(await folder.previous('lab')).toBeNull();
      await folder.remove('lab', 'absent');
      await folder.removeStack('lab');
    });

    it('gives back what was written, by path, and never a secret', async () => {
      await folder.write('lab', 'traefik/dynamic/tls.yaml', 'b: ä\n', 0o644);
      await folder.write('lab', 'compose.yaml', 'a: 1\n', 0o644);
      await folder.write('lab', 'secrets/root-password', 'secret', 0o600);
      expect(await folder.read('lab')).toEqual([
        { path: 'compose.yaml', content: 'a: 1\n' },
        { path: 'traefik/dynamic/tls.yaml', content: 'b: ä\n' },
      ]);
      expect(subject.file('lab', 'secrets/root-password')).toBe('secret');
      expect(subject.modeOf('lab', 'secrets/root-password')).toBe(0o600);
      expect(subject.modeOf('lab', 'compose.yaml')).toBe(0o644);
    });

    it('replaces and removes', async () => {
      await folder.write('lab', 'a/b', 'first, and long', 0o644);
      await folder.write('lab', 'a/b', 'second', 0o600);
      expect(subject.file('lab', 'a/b')).toBe('second');
      expect(subject.modeOf('lab', 'a/b')).toBe(0o600);
      await folder.remove('lab', 'a/b');
      expect(await folder.read('lab')).toEqual([]);
    });

    it('reads and keeps certificates, and never their keys', async () => {
      await folder.write('lab', 'tls/abc/certificate.pem', 'certificate', 0o644);
      await folder.write('lab', 'tls/abc/key.pem', 'key', 0o600);
      await folder.keepPrevious('lab');
      const seen = [{ path: 'tls/abc/certificate.pem', content: 'certificate' }];
      expect(await folder.read('lab')).toEqual(seen);
      expect(await folder.previous('lab')).toEqual(seen);
      expect(subject.file('lab', 'tls/abc/key.pem')).toBe('key');
      expect(subject.modeOf('lab', 'tls/abc/key.pem')).toBe(0o600);
    });

    it('keeps what was there, once', async () => {
      await folder.write('lab', 'compose.yaml', 'first', 0o644);
      await folder.write('lab', 'a/b', 'also', 0o644);
      await folder.write('lab', 'secrets/x', 'secret', 0o600);
      await folder.keepPrevious('lab');
      await folder.write('lab', 'compose.yaml', 'second', 0o644);
      const first = [
        { path: 'a/b', content: 'also' },
        { path: 'compose.yaml', content: 'first' },
      ];
      const sorted = (await folder.previous('lab'))?.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      expect(sorted).toEqual(first);
      await folder.remove('lab', 'a/b');
      await folder.keepPrevious('lab');
      expect(await folder.previous('lab')).toEqual([{ path: 'compose.yaml', content: 'second' }]);
      expect(await folder.read('lab')).toEqual([{ path: 'compose.yaml', content: 'second' }]);
    });

    it('removes a stack, and no other', async () => {
      await folder.write('lab', 'compose.yaml', 'first', 0o644);
      await folder.write('other', 'compose.yaml', 'other', 0o644);
      await folder.keepPrevious('lab');
      await folder.removeStack('lab');
      expect(await folder.read('lab')).toBeNull();
      expect(await folder.previous('lab')).toBeNull();
      expect(await folder.read('other')).toEqual([{ path: 'compose.yaml', content: 'other' }]);
    });

    it('makes folders for data once, looks at them, and removes them', async () => {
      const data = `${subject.place}/data/gitlab`;
      expect(await folder.look(data)).toMatchObject({ exists: false, empty: true });
      expect(await folder.makeData(data, { mode: 0o755 })).toBe(true);
      expect(await folder.makeData(data, { mode: 0o755 })).toBe(false);
      expect(await folder.look(data)).toMatchObject({ exists: true, empty: true });
      await folder.removeData(data);
      expect((await folder.look(data)).exists).toBe(false);
      await folder.removeData(data);
    });
  });
}
