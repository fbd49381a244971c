// How Debian packages are installed, with an apt-get that only notes what it is asked.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installPackages, listsAreOld, parseAptStatus } from '../../../main/bootstrap/apt.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autogit-apt-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Notes its last arguments; `failures` installations fail before one succeeds. */
function fakeApt(failures: number): NodeJS.ProcessEnv {
  const script = `#!/bin/sh
case "$*" in
  *" update") echo update >> ${folder}/calls ;;
  *install*)
    echo "\${DEBIAN_FRONTEND} \${*##*-q }" >> ${folder}/calls
    echo "pmstatus:docker.io:42.5:Unpacking docker.io" >&3
    if [ "$(grep -c install ${folder}/calls)" -le ${failures} ]; then
      echo "E: Unable to locate package docker.io" >&2
      exit 100
    fi ;;
esac
`;
  writeFileSync(join(folder, 'apt-get'), script);
  chmodSync(join(folder, 'apt-get'), 0o755);
  return { PATH: `${folder}:${process.env['PATH']}` };
}

function calls(): string[] {
  return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
}

describe('an installation', () => {
  const install = 'noninteractive install -y --no-install-recommends docker.io';

  it('asks for the packages alone, without questions, and tells how far it is', async () => {
    const progress: string[] = [];
    await installPackages(['docker.io'], fakeApt(0), (text) => progress.push(text));
    expect(calls().at(-1)).toBe(install);
    expect(progress).toContain('unpacking 43 %');
  });

  it('reads the package lists and tries again when a package is not found', async () => {
    const failing = fakeApt(1);
    const old = listsAreOld('/var/lib/apt/lists', Date.now());
    const done = installPackages(['docker.io'], failing, () => undefined);
    if (old) await expect(done).rejects.toMatchObject({ key: 'bootstrap.apt-failed' });
    else await done;
    expect(calls()).toEqual(old ? ['update', install] : [install, 'update', install]);
  });

  it('fails with the reason and the line to try by hand', async () => {
    await expect(installPackages(['docker.io'], fakeApt(9), () => undefined)).rejects.toMatchObject({
      key: 'bootstrap.apt-failed',
      message: 'apt-get could not install docker.io: E: Unable to locate package docker.io',
      next: 'apt-get update && apt-get install -y --no-install-recommends docker.io',
    });
  });
});

describe('package lists', () => {
  const now = Date.now();

  function lists(ageHours: number): string {
    mkdirSync(join(folder, 'partial'));
    writeFileSync(join(folder, 'x_Packages.lz4'), '');
    const time = new Date(now - ageHours * 3_600_000);
    utimesSync(join(folder, 'partial'), time, time);
    return folder;
  }

  it('are old when there are none', () => {
    expect(listsAreOld(folder, now)).toBe(true);
    expect(listsAreOld(join(folder, 'gone'), now)).toBe(true);
  });

  it('are old after a day', () => {
    expect(listsAreOld(lists(25), now)).toBe(true);
  });

  it('are fresh within a day', () => {
    expect(listsAreOld(lists(2), now)).toBe(false);
  });
});

describe("apt's status lines", () => {
  it.each([
    ['dlstatus:3:12.4:Retrieving file 3 of 9', 'downloading 12 %'],
    ['pmstatus:dpkg-exec:88.9:Running dpkg', 'unpacking 89 %'],
    ['pmerror:x:1:y', null],
    ['', null],
  ])('%s', (line, progress) => {
    expect(parseAptStatus(line)).toBe(progress);
  });
});
