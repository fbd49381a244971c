// What the doors cost a core that nobody asks.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Whether a process that reads these modules touches a class of `fetch`: all of it is read then, some 13 MB. */
function touchesFetch(...modules: readonly string[]): boolean {
  const code = `let touched = false;
    for (const name of ['Headers', 'Request', 'Response', 'fetch'])
      Object.defineProperty(globalThis, name, { get: () => ((touched = true), class {}) });
    ${modules.map((one) => `await import('./${one}');`).join('')}
    process.stdout.write(String(touched));`;
  const flags = ['--input-type=module', '--eval', code];
  return execFileSync(process.execPath, flags, { cwd: root, encoding: 'utf8' }) === 'true';
}

it('a core and its doors leave fetch alone before the first request', () => {
  expect(touchesFetch('main/index.ts', 'main/serve/serve.ts', 'main/serve/client.ts')).toBe(false);
  expect(touchesFetch('main/serve/listener.ts')).toBe(true);
}, 60_000);
