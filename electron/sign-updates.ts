// A program for whoever gives packages out: writes updates.json and its signature beside the packages in a folder.
// Usage: sign-updates.ts --key=FILE [--key=FILE] [--folder=dist/packages] [--channel=stable] [--days=45] [--from=1.2.3]
//        [--notes=FILE] [--version=1.2.4] [--renew] [--public]
// The private keys (PEM, `openssl genpkey -algorithm ed25519`) are elsewhere: a file that is named here, or by AUTOGIT_UPDATE_KEY.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { updateManifestSchema } from '../main/model/updates.ts';
import type { UpdateFile, UpdateManifest, UpdateRelease } from '../main/model/updates.ts';
import { version as ownVersion } from '../main/version.ts';
import {
  changelogOf,
  describePackage,
  isSignedBy,
  manifestBytes,
  nextManifest,
  signBytes,
  updateKeyOf,
} from './update-release.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const day = 86_400_000;

const { values } = parseArgs({
  options: {
    key: { type: 'string', multiple: true, default: [] },
    folder: { type: 'string', default: path.join(root, 'dist', 'packages') },
    channel: { type: 'string', default: 'stable' },
    days: { type: 'string', default: '45' },
    from: { type: 'string' },
    notes: { type: 'string' },
    version: { type: 'string', default: ownVersion },
    renew: { type: 'boolean', default: false },
    public: { type: 'boolean', default: false },
  },
});

const { version } = values;

async function readKeys(): Promise<readonly string[]> {
  const own = process.env['AUTOGIT_UPDATE_KEY'];
  const files = values.key.length === 0 && own !== undefined ? [own] : values.key;
  if (files.length === 0) throw new Error('Name the file of a private key: --key=FILE');
  const inside = files.find((file) => !path.relative(root, path.resolve(file)).startsWith('..'));
  if (inside !== undefined) throw new Error(`${inside} lies in the repository: keep it elsewhere`);
  return Promise.all(files.map((file) => readFile(file, 'utf8')));
}

/** What is there already counts only with a signature of ours: it may come back from a server. */
async function readPrevious(keys: readonly string[]): Promise<UpdateManifest | null> {
  const file = path.join(values.folder, 'updates.json');
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) return null;
  if (!isSignedBy(bytes, await readFile(`${file}.sig`, 'utf8'), keys))
    throw new Error(`${file} is not signed by the key that is given: nothing is added to it`);
  return updateManifestSchema.parse(JSON.parse(bytes.toString('utf8')));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(Buffer.from(chunk));
  return hash.digest('hex');
}

/** A package made with the Electron that stands in for tests says so, and is not to be given out. */
async function refuseTestPackage(file: string): Promise<void> {
  if (!file.endsWith('.deb')) return;
  const { stdout } = await run('dpkg-deb', ['--field', file, 'Description']);
  if (stdout.includes('test artefact'))
    throw new Error(`${file} is for tests only: it has a stand-in for Electron`);
}

async function listPackages(): Promise<readonly UpdateFile[]> {
  const files: UpdateFile[] = [];
  for (const name of (await readdir(values.folder)).toSorted()) {
    const described = describePackage(name, version);
    if (described === null) continue;
    const file = path.join(values.folder, name);
    await refuseTestPackage(file);
    files.push({ ...described, name, size: (await stat(file)).size, sha256: await digestOf(file) });
  }
  if (files.length === 0) throw new Error(`${values.folder} has no package of AutoGit ${version}`);
  return files;
}

async function makeRelease(): Promise<UpdateRelease> {
  const notes =
    values.notes === undefined
      ? changelogOf(await readFile(path.join(root, 'CHANGELOG.md'), 'utf8'), version)
      : await readFile(values.notes, 'utf8');
  if (notes === null) throw new Error(`CHANGELOG.md says nothing of ${version}: name a file with --notes`);
  const date = new Date().toISOString().slice(0, 10);
  return { version, date, changelog: notes, from: values.from ?? null, files: [...(await listPackages())] };
}

async function writeBoth(bytes: Uint8Array, signatures: string): Promise<void> {
  const file = path.join(values.folder, 'updates.json');
  await writeFile(`${file}.new`, bytes);
  await writeFile(`${file}.sig.new`, signatures);
  await rename(`${file}.sig.new`, `${file}.sig`);
  await rename(`${file}.new`, file);
}

async function main(): Promise<void> {
  const keys = await readKeys();
  if (values.public) {
    process.stdout.write(`${keys.map((key) => JSON.stringify(updateKeyOf(key))).join('\n')}\n`);
    return;
  }
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1 || days > 400) throw new Error('--days: a number from 1 to 400');
  const manifest = nextManifest({
    previous: await readPrevious(keys),
    channel: values.channel,
    expires: Date.now() + days * day,
    release: values.renew ? null : await makeRelease(),
  });
  const bytes = manifestBytes(manifest);
  await writeBoth(bytes, signBytes(bytes, keys));
  const { sequence, expires, releases } = manifest;
  process.stdout.write(
    `updates.json number ${sequence}, good until ${expires.slice(0, 10)}: ${releases.map((one) => one.version).join(', ')}\n`,
  );
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
