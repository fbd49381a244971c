// The sandbox's image: its name follows its content, and its root file system is complete and always the same.
import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleProgram } from '../../../../main/adapters/host/bundle.ts';
import { gatherFiles, imagePath, parseDependencies } from '../../../../main/adapters/host/gather-files.ts';
import { createSandboxImage, type SandboxImage } from '../../../../main/adapters/host/rootfs.ts';
import { temporaryFolder } from './temporary.ts';

describe('parseDependencies', () => {
  it('reads what ldd of glibc and of musl print', () => {
    const glibc = [
      '/usr/bin/git:',
      '\tlinux-vdso.so.1 (0x00007f404c46a000)',
      '\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f404c26a000)',
      '\tlibmissing.so => not found',
      '\t/lib64/ld-linux-x86-64.so.2 (0x00007f404c46c000)',
      '/usr/bin/which:',
      '\tnot a dynamic executable',
      '/usr/bin/tar:',
      '\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f404c26a000)',
    ].join('\n');
    expect(parseDependencies(glibc)).toEqual([
      '/lib/x86_64-linux-gnu/libz.so.1',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
    const musl =
      '\t/lib/ld-musl-x86_64.so.1 (0x7f1)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f1)\n';
    expect(parseDependencies(musl)).toEqual(['/lib/ld-musl-x86_64.so.1']);
  });
});

describe('imagePath', () => {
  it('moves the old top folders below /usr and leaves the others', () => {
    expect(
      ['/bin/sh', '/lib64/ld.so', '/usr/bin/git', '/nix/store/x/bin/git', '/libexec/x'].map(imagePath),
    ).toEqual(['/usr/bin/sh', '/usr/lib64/ld.so', '/usr/bin/git', '/nix/store/x/bin/git', '/libexec/x']);
  });
});

/** Programs in place of the real ones, which are slow to bundle. */
function imageIn(cacheFolder: string, code = 'one', bundled: string[] = []): SandboxImage {
  return createSandboxImage({
    cacheFolder,
    searchPath: '',
    bundle: (program) => {
      bundled.push(program);
      const source = path.join(cacheFolder, `${program}.ts`);
      writeFileSync(source, code);
      return Promise.resolve({ code: `${program} ${code}`, sources: [source] });
    },
  });
}

interface TarEntry {
  readonly header: Header;
  readonly text: string;
}

async function unpack(image: SandboxImage): Promise<ReadonlyMap<string, TarEntry>> {
  const entries = new Map<string, TarEntry>();
  const tar = Readable.from(await image.rootfs()).pipe(extract());
  for await (const entry of tar) {
    const small: Buffer[] = [];
    for await (const piece of entry) {
      const chunk = z.instanceof(Buffer).parse(piece);
      if (entry.header.size < 1000) small.push(chunk);
    }
    const text = Buffer.concat(small).toString('utf8');
    entries.set(entry.header.name, { header: entry.header, text });
  }
  return entries;
}

describe('the sandbox image', () => {
  it('has the same name for the same content, wherever it was gathered, and another one for another', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const name = await imageIn(first).name();
    expect(name).toMatch(/^autogit-sandbox:[0-9a-f]{16}$/);
    writeFileSync(path.join(second, 'image.json'), '{"recipe":"broken');
    expect(await imageIn(second).name()).toBe(name);
  });

  it('is not gathered again while nothing has changed, and is when a source file has', async () => {
    const folder = temporaryFolder();
    const bundled: string[] = [];
    const name = await imageIn(folder, 'one', bundled).name();
    expect(await imageIn(folder, 'one', bundled).name()).toBe(name);
    expect(bundled.toSorted()).toEqual(['backup', 'gateway', 'runner', 'sandbox']);
    utimesSync(path.join(folder, 'runner.ts'), 1, 1);
    expect(await imageIn(folder, 'two', bundled).name()).not.toBe(name);
    expect(bundled).toHaveLength(8);
  });

  it('holds node, git, a shell, our programs and a user for jobs; links lead to what is there', async () => {
    const entries = await unpack(imageIn(temporaryFolder()));
    const type = (name: string): unknown => entries.get(name)?.header.type;
    expect(type('usr/local/bin/node')).toBe('file');
    expect(entries.get('opt/autogit/sandbox.mjs')?.text).toBe('sandbox one');
    expect(entries.get('usr/bin/gitlab-runner')?.text).toMatch(
      /^#!\/bin\/sh\nexec \/usr\/local\/bin\/node .*\/opt\/autogit\/runner\.mjs "\$@"\n$/,
    );
    expect(entries.get('usr/bin/gitlab-runner')?.header.mode).toBe(0o755);
    expect(entries.get('etc/passwd')?.text).toContain('job:x:1000:1000:');
    expect(entries.get('tmp')?.header).toMatchObject({ type: 'directory', mode: 0o1777 });
    expect(entries.get('bin')?.header).toMatchObject({ type: 'symlink', linkname: 'usr/bin' });
    for (const command of ['git', 'sh', 'bash', 'cat', 'sleep', 'tar', 'awk', 'env']) {
      expect([command, type(`usr/bin/${command}`)]).toEqual([command, expect.stringMatching(/file|link/)]);
    }
    for (const [name, { header }] of entries) {
      expect(header.mtime.getTime(), name).toBe(0);
      expect(header.mode & 0o6000, `${name} has no setuid bit`).toBe(0);
      const isLink = header.type === 'symlink' || header.type === 'link';
      const target = isLink ? header.linkname.replace(/^\//, '') : name;
      expect(entries.has(target), `${name} -> ${target}`).toBe(true);
    }
  });

  it('says that it needs Linux, and what it misses', async () => {
    const options = { cacheFolder: temporaryFolder(), searchPath: '' };
    await expect(createSandboxImage({ ...options, platform: 'darwin' }).name()).rejects.toMatchObject({
      key: 'host.image-needs-linux',
    });
    await expect(gatherFiles('', [path.join(temporaryFolder(), 'empty')])).rejects.toMatchObject({
      key: 'host.image-tool-missing',
    });
  });
});

describe('bundleProgram', () => {
  it('makes one module of the runner that needs nothing but Node', async () => {
    const { code, sources } = await bundleProgram('runner');
    const imports = [...code.matchAll(/\bimport\s*(?:[\w$*{][\w$,*{}\s]*from\s*)?["`]([^"`]+)["`]/g)].map(
      ([, name = '']) => name,
    );
    expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(imports).not.toEqual([]);
    expect(sources.some((source) => source.endsWith('main/sandbox/runner/main.ts'))).toBe(true);
  });
});
