// Where updates come from and where they are kept: the port over https, a folder of the home and the machine's installers.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { access, constants, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AutoGitError } from '../../errors.ts';
import { longestManifest } from '../../model/updates.ts';
import type { UpdateFile, UpdateKey } from '../../model/updates.ts';
import type { SignedManifest, Updates } from '../../update-port.ts';
import { noKey, notStaged, tooLarge, wrongDigest } from './errors.ts';
import { installFile, planInstall } from './install.ts';
import type { InstallOptions } from './install.ts';
import { installedAs } from './install-kind.ts';
import type { Installed, Runtime } from './install-kind.ts';
import { openUrl, urlIn } from './open-url.ts';
import type { Patience } from './open-url.ts';
import { diskError, hashFile, sizeOf, stageFile } from './stage.ts';
import { digestOf, verifyManifest } from './verify-manifest.ts';

/** As they lie beside the packages. */
const manifestName = 'updates.json';
const signaturesName = 'updates.json.sig';
/** Bytes of a file of signatures. */
const longestSignatures = 16_384;

export interface UpdatesOptions {
  /** Of the home; made when something is kept. */
  readonly folder: string;
  readonly keys: readonly UpdateKey[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Missing: what is found out of the running program. */
  readonly installed?: Installed;
  /** Missing: as it is good for people's connections. */
  readonly idleMs?: number;
  readonly manifestMs?: number;
  readonly leastRate?: number;
}

function textOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** The program that runs. */
function ownRuntime(env: UpdatesOptions['env']): Runtime {
  const execPath = realpathSync(process.execPath);
  return { platform: process.platform, execPath, env, readText: textOrNull, exists: existsSync };
}

/** An agent for passwords needs one. */
function hasScreen(env: UpdatesOptions['env']): boolean {
  return Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY']);
}

/** A core under systemd gains no rights, by whatever password: https://docs.kernel.org/userspace-api/no_new_privs.html */
function mayGain(): boolean {
  return !/^NoNewPrivs:\s*1$/m.test(textOrNull('/proc/self/status') ?? '');
}

async function findProgram(env: UpdatesOptions['env'], name: string): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    const isThere =
      path.isAbsolute(folder) &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ));
    if (isThere) return file;
  }
  return null;
}

async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

/** All of a small file. Rejects as `openUrl` does, and with `update.too-large`. */
async function readAll(url: URL, most: number, patience: Patience, signal: AbortSignal): Promise<Buffer> {
  const { body } = await openUrl(url, patience, signal);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) throw tooLarge(url.href, most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function signedBy(keys: readonly UpdateKey[], bytes: Uint8Array, signatures: string): SignedManifest {
  const manifest = verifyManifest(bytes, signatures, keys);
  return { manifest, digest: digestOf(bytes), bytes, signatures };
}

type Lists = Pick<Updates, 'fetchManifest' | 'keep' | 'kept'>;

/** The list itself: asked for, kept, and read again. */
function listsOf({ folder, keys, idleMs = 30_000, manifestMs = 30_000 }: UpdatesOptions): Lists {
  const patience = { idleMs, wholeMs: manifestMs };
  const readSigned = async (address: string, signal: AbortSignal): Promise<SignedManifest> => {
    const [list, said] = [urlIn(address, manifestName), urlIn(address, signaturesName)];
    const signatures = await readAll(said, longestSignatures, patience, signal);
    const bytes = await readAll(list, longestManifest, patience, signal);
    return signedBy(keys, bytes, signatures.toString('utf8'));
  };
  return {
    fetchManifest: async (address, signal) => {
      if (keys.length === 0) throw noKey();
      try {
        return await readSigned(address, signal);
      } catch (error) {
        // Between the two files a new list may have been put there: nobody is alarmed by that.
        if (!(error instanceof AutoGitError) || error.key !== 'update.signature') throw error;
        return readSigned(address, signal);
      }
    },
    keep: async ({ bytes, signatures }) => {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(path.join(folder, manifestName), bytes);
        await writeWhole(path.join(folder, signaturesName), signatures);
      } catch (error) {
        throw diskError(folder, error, bytes.length);
      }
    },
    kept: async () => {
      try {
        const bytes = await readFile(path.join(folder, manifestName));
        return signedBy(keys, bytes, await readFile(path.join(folder, signaturesName), 'utf8'));
      } catch {
        // It is asked for again: nothing hangs on what was kept.
        return null;
      }
    },
  };
}

/** The port over this machine. */
export function createUpdates(options: UpdatesOptions): Updates {
  const { folder, keys, env, idleMs = 30_000, leastRate = 8_192 } = options;
  const installed = options.installed ?? installedAs(ownRuntime(env));
  const files = path.join(folder, 'files');
  const staged = (file: UpdateFile): string => path.join(files, file.name);
  const ways: InstallOptions = {
    ...{ installed, platform: process.platform, canAsk: hasScreen(env) && mayGain() },
    findProgram: (name) => findProgram(env, name),
  };
  return {
    ...{ kind: installed.kind, arch: process.arch, hasKeys: keys.length > 0 },
    ...listsOf(options),
    stage: (address, file, onProgress, signal) =>
      stageFile(address, file, { folder: files, idleMs, leastRate }, onProgress, signal),
    isStaged: async (file) => (await sizeOf(staged(file)).catch(() => null)) === file.size,
    tidy: async (keep) => {
      const names = await readdir(files).catch(() => []);
      const wanted = keep === null ? [] : [keep.name, `${keep.sha256}.part`];
      for (const name of names) {
        if (!wanted.includes(name)) await rm(path.join(files, name), { recursive: true, force: true });
      }
    },
    installPlan: (file) => planInstall(staged(file), ways),
    install: async (file, { ask }) => {
      if ((await sizeOf(staged(file))) === null) throw notStaged(file);
      if ((await hashFile(staged(file))) !== file.sha256) {
        await rm(staged(file), { force: true });
        throw wrongDigest(file);
      }
      return installFile(staged(file), file, ways, ask);
    },
  };
}
