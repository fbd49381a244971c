// The Node that the sandbox's image is made with: the one that runs this program, or one beside it where that is Electron.
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { AutoGitError } from '../../errors.ts';

const run = promisify(execFile);

/** `node:sqlite` needs no flag since then: https://nodejs.org/docs/latest-v22.x/api/sqlite.html */
const oldest = { major: 22, minor: 13 } as const;

/** What is asked of this process. */
export interface Runtime {
  readonly execPath: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
}

async function isNewEnough(program: string): Promise<boolean> {
  const said = await run(program, ['--version'], { timeout: 5000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)\./.exec(said) ?? [];
  return Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
}

/** The program's real path. `searchPath`: where to look beside. Rejects with `host.image-tool-missing`. */
export async function findNode(searchPath: string, runtime: Runtime = process): Promise<string> {
  if (runtime.versions['electron'] === undefined) return runtime.execPath;
  for (const folder of searchPath.split(path.delimiter)) {
    const program = path.join(folder, 'node');
    if (path.isAbsolute(folder) && (await isNewEnough(program))) return realpath(program);
  }
  throw new AutoGitError({
    key: 'host.image-tool-missing',
    message: `The sandbox image needs Node ${oldest.major}.${oldest.minor} or newer, and no folder of the PATH has one.`,
    next: 'Start the desktop with npm start, which brings a Node along, or install a newer Node.',
    fields: { tool: 'node' },
  });
}
