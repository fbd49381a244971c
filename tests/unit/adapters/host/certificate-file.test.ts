// Files with root certificates, as people have them.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCertificateFile } from '../../../../main/adapters/host/certificate-file.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { asOrdinaryUser, temporaryFolder } from './temporary.ts';

const pem = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ==\n-----END CERTIFICATE-----';
const key = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----';

async function why(file: string): Promise<string> {
  const error: unknown = await readCertificateFile(file).catch((reason: unknown) => reason);
  if (!(error instanceof AutoGitError) || error.key !== 'gitlab.ca-unreadable') throw error;
  return error.message;
}

describe('a file with root certificates', () => {
  it('gives all of them, and nothing that lies beside them', async () => {
    const file = join(temporaryFolder(), 'root.pem');
    writeFileSync(file, `Our root\r\n${pem}\n${key}\n${pem}\n`);
    expect(await readCertificateFile(file)).toBe(`${pem}\n${pem}\n`);
  });

  it('says why it cannot be used, at once', async () => {
    const folder = temporaryFolder();
    const path = (name: string): string => join(folder, name);
    expect(await why(path('none'))).toContain('there is no such file');
    writeFileSync(path('key'), key);
    expect(await why(path('key'))).toContain('there is no certificate in it');
    mkdirSync(path('folder'));
    expect(await why(path('folder'))).toContain('no ordinary file');
    execFileSync('mkfifo', [path('pipe')]);
    expect(await why(path('pipe'))).toContain('no ordinary file');
    writeFileSync(path('large'), pem.padEnd(1_000_001));
    expect(await why(path('large'))).toContain('more than 1 MB');
    writeFileSync(path('closed'), pem, { mode: 0o000 });
    chmodSync(folder, 0o755);
    expect(await asOrdinaryUser(() => why(path('closed')))).toContain('you may not');
  });
});
