// A root of its own and a leaf that it has signed, for tests of TLS; openssl makes them.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const common = [
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
];

/** PEM of root, leaf and the leaf's key, good for two days. */
export async function someAuthority(
  names: readonly string[],
): Promise<{ readonly authority: string; readonly certificate: string; readonly key: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-authority-'));
  const path = (file: string): string => join(folder, file);
  try {
    await run('openssl', [
      ...[...common, '-subj', '/CN=Some root', '-keyout', path('ca.key'), '-out', path('ca.pem')],
    ]);
    await run('openssl', [
      ...[...common, '-subj', `/CN=${names[0] ?? 'leaf'}`, '-CA', path('ca.pem'), '-CAkey', path('ca.key')],
      ...['-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`],
      ...['-addext', 'basicConstraints=CA:FALSE', '-keyout', path('leaf.key'), '-out', path('leaf.pem')],
    ]);
    const [authority, certificate, key] = await Promise.all(
      ['ca.pem', 'leaf.pem', 'leaf.key'].map((file) => readFile(path(file), 'utf8')),
    );
    return { authority: authority ?? '', certificate: certificate ?? '', key: key ?? '' };
  } finally {
    await rm(folder, { recursive: true });
  }
}
