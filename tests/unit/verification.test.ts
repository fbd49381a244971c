// Nowhere is the verification of certificates switched off, and no setting offers it.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['main', 'electron', 'renderer', 'compose-templates', 'resources'];

/** Ways of Node, Git, Go and Traefik, curl, wget, Authelia, GitLab and its runner, Docker, Podman and Python, pip, LDAP. */
const ways: readonly RegExp[] = [
  /rejectUnauthorized['"]?\s*[:=]\s*(?!true\b)/,
  /NODE_TLS_REJECT_UNAUTHORIZED/,
  /checkServerIdentity['"]?\s*[:=]\s*\(?\s*\)?\s*=>/,
  /(?:ssl-?verify|SSL_NO_VERIFY|http\.sslVerify)['"]?\s*[:=\s]\s*['"]?(?:false|0|no|off)/i,
  /GIT_SSL_NO_VERIFY/,
  /insecure_?skip_?verify['"]?\s*[:=]\s*['"]?true/i,
  /skip_verify['"]?\s*[:=]\s*['"]?true/i,
  /tls[_-]?verify['"]?\s*[:=]\s*['"]?false/i,
  /verify_?mode['"]?\s*(?:=>|[:=])\s*['"]?none/i,
  /OpenSSL::SSL::VERIFY_NONE/,
  /\bcurl\b.*\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?:\s|$|['"])/,
  /--no-check-certificate/,
  /insecure-registr/,
  /--ignore-certificate-errors/,
  /setCertificateVerifyProc|'certificate-error'/,
  /TLS_REQCERT\s+(?:never|allow)/i,
  /verify\s*=\s*False/,
];

/** Each with its reason: it looks at what is wrong, and neither sends nor believes anything. */
const looks: Readonly<Record<string, string>> = {
  'main/adapters/stack/look-at-door.ts': 'rejectUnauthorized: false',
};

const files = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...folders],
  {
    cwd: root,
  },
)
  .toString()
  .split('\0')
  .filter((path) => path !== '' && statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true)
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  .filter(({ text }) => !text.includes('\0'));

/** Lines that switch it off; those of the exceptions left out, as long as they are there. */
function findIn(path: string, text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !(looks[path] !== undefined && line.includes(looks[path])))
    .flatMap((line) => (ways.some((way) => way.test(line)) ? [`${path}: ${line.trim()}`] : []));
}

describe('the verification of certificates', () => {
  it('is switched off nowhere', () => {
    expect(files.length).toBeGreaterThan(500);
    expect(files.flatMap(({ path, text }) => findIn(path, text))).toEqual([]);
  });

  it.each([
    'https.request({ rejectUnauthorized: false })',
    'env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" }',
    'git -c http.sslVerify=false clone',
    'insecureSkipVerify: true',
    'skip_verify: true',
    'tls_verify = false',
    "['tls_options'] = { verify_mode: 'none' }",
    'curl -sk https://gitlab.lab.home.arpa',
    "curl --insecure 'https://x'",
    'app.commandLine.appendSwitch("--ignore-certificate-errors")',
  ])('would be found off in: %s', (line) => {
    expect(findIn('main/any.ts', line)).toHaveLength(1);
  });

  it('stands off in no exception that is not needed any more', () => {
    for (const [path, line] of Object.entries(looks)) {
      const found = files.find((file) => file.path === path)?.text ?? '';
      expect(
        found.split('\n').filter((one) => one.includes(line)),
        path,
      ).toHaveLength(1);
    }
  });
});
