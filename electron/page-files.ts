// The page's files as the window gets them: which file an address means, and with which headers it is answered.
import path from 'node:path';

export const pageScheme = 'autogit';
export const pageOrigin = `${pageScheme}://app`;
export const pageUrl = `${pageOrigin}/`;

/**
 * What the page may do: run its own scripts, show its own styles and pictures. It asks nothing of any network, so
 * there is no source for connections; frames, workers, plugins and forms it has none.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "frame-src 'none'",
  "worker-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** `null` for what is no address. (`URL.parse` came with Node 22.) */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** Whether an address is one of the page. */
export function isPageUrl(url: string): boolean {
  const parsed = parseUrl(url);
  return parsed?.protocol === `${pageScheme}:` && parsed.host === 'app';
}

/** The file inside `folder` that an address means; `null` for what is none of the page's. */
export function pageFile(folder: string, url: string): string | null {
  const parsed = parseUrl(url);
  if (parsed === null || !isPageUrl(url)) return null;
  let name: string;
  try {
    name = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  if (/[\0\\]/.test(name)) return null;
  const file = path.join(folder, name.endsWith('/') ? `${name}index.html` : name);
  const inside = path.relative(folder, file);
  const isInside = inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside);
  return isInside && types[path.extname(file)] !== undefined ? file : null;
}

/** The headers of an answer. `file`: the one that is sent; `null` for a refusal. */
export function pageHeaders(file: string | null): Readonly<Record<string, string>> {
  return {
    'content-type': types[path.extname(file ?? '')] ?? 'text/plain; charset=utf-8',
    'content-security-policy': contentSecurityPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  };
}

const pageMissing = {
  key: 'desktop.page-missing',
  message:
    'The page of AutoGit is missing, so that this window has nothing to show. The core runs all the same.',
  next: 'Start AutoGit again with npm start, which builds the page, or install it again. Meanwhile: autogit status',
} as const;

/** What the window shows where the page was not built: this alone does not come from the page. */
export const noPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>AutoGit</title>
<meta name="color-scheme" content="light dark"><h1>${pageMissing.message}</h1>
<p>${pageMissing.next}</p><p><code>${pageMissing.key}</code></p></html>`;

/** The whole address of a place in the page, from what stands behind the `#`. */
export function addressOf(route: string): string {
  if (route === '') return pageUrl;
  const address = new URL(pageUrl);
  address.hash = route;
  return address.href;
}

/** What stands behind the `#` of an address of the page; `null`: it is none. */
export function routeOf(address: string): string | null {
  return isPageUrl(address) ? address.replace(/^[^#]*#?/s, '') : null;
}
