// The built web page: a closed list of files, so that what is not on it cannot be asked for.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface Page {
  /** What lies at a path of an address, such as `/assets/index-1a2b.js`; `null` when that is no file of the page. */
  file(at: string): Promise<PageFile | null>;
  /** index.html as it is now; `null` while the page is not built. */
  front(): Promise<PageFile | null>;
}

/** Where the page is built to; holds for the sources in main/serve and for a bundle in a folder of dist. */
export const builtPage = fileURLToPath(new URL('../../dist/renderer', import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const frontPath = '/index.html';
/** Names in here carry a hash of their content. */
const assets = '/assets/';

/** The files of a folder that a page may consist of; none when there is no such folder. No links, no dot files. */
async function filesIn(folder: string, prefix: string): Promise<readonly string[]> {
  const found = await readdir(path.join(folder, prefix), { withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .filter((entry) => contentTypes[path.extname(entry.name)] !== undefined)
    .map((entry) => prefix + entry.name);
}

/** The page in `folder`. It may be built, and built anew, while it is open. */
export function openPage(folder: string): Page {
  let list: Promise<ReadonlySet<string>> | null = null;
  const look = async (): Promise<ReadonlySet<string>> =>
    new Set([...(await filesIn(folder, '/')), ...(await filesIn(folder, assets))]);
  const read = async (at: string): Promise<PageFile | null> => {
    list ??= look();
    const contentType = contentTypes[path.posix.extname(at)];
    if (!(await list).has(at) || contentType === undefined) return null;
    const bytes = await readFile(path.join(folder, at)).catch(() => null);
    const cacheControl = at.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache';
    return bytes && { bytes, contentType, cacheControl };
  };
  return {
    file: read,
    front: () => {
      // Whoever asks for the front begins with a page, perhaps one that was just built.
      list = look();
      return read(frontPath);
    },
  };
}

/** Stands in for the page while it is not built. */
export const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>AutoGit</title>
<h1>The web page is not built yet.</h1>
<p>AutoGit itself runs; the command line and the API answer. Build the page in AutoGit's folder, then load this address again:</p>
<pre>npm run build</pre>
</html>
`;
