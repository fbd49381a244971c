// Secrets are planted wherever one could be, and none of them is in the archive.
import { describe, expect, it } from 'vitest';
import { documents } from '../../../../main/plan/diagnose/documents.ts';
import type { DocumentName } from '../../../../main/plan/diagnose/documents.ts';
import { archiveFiles } from '../../../../main/plan/diagnose/make-files.ts';
import type { Collected } from '../../../../main/plan/diagnose/make-files.ts';
import type { Allowed } from '../../../../main/plan/diagnose/allow.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

/** Secrets of this home: found wherever they are, whatever they look like. */
const known = [
  'correct horse battery staple',
  'zwölf-boxkämpfer',
  'hunter2!',
  'lowercaseonlysecretword',
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n',
];
/** Secrets that nobody has told AutoGit of; `part` is what must not be found of them. */
const strange: readonly { readonly text: string; readonly part: string }[] = [
  { text: 'glpat-9sKdL2mQxZ7vB4nRt1Yw', part: '9sKdL2mQ' },
  { text: 'glrt-t3_9sKdL2mQxZ7vB4nRt1Yw', part: '9sKdL2mQ' },
  { text: 'https://root:pl4in-passw0rd@gitlab.lab/x.git', part: 'pl4in-passw0rd' },
  { text: 'password: what a nice day', part: 'nice day' },
  { text: '"smtp_password": "v3ry"', part: 'v3ry' },
  { text: 'PRIVATE-TOKEN: abc', part: 'TOKEN: abc' },
  { text: 'Set-Cookie: _gitlab_session=s3ss10n; HttpOnly', part: 's3ss10n' },
  { text: 'cookie: authelia_session=4uth', part: '4uth' },
  { text: 'Authorization: Bearer 0123456789abcdefghij', part: '0123456789abcdefghij' },
  { text: 'GET /api/v4/user?private_token=qu3ry', part: 'qu3ry' },
  { text: 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', part: 'K7MDENG' },
  { text: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$ZGlnZXN0ZGlnZXN0', part: 'ZGlnZXN0' },
  {
    text: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\n-----END OPENSSH PRIVATE KEY-----',
    part: 'b3BlbnNzaC1rZXk',
  },
];

const planted = [...known, ...strange.map(({ text }) => text)];
const everything = planted.join('\n');

/** A document with the planted text in every allowed place, below its name, and in places that are not allowed. */
function filled(allowed: Allowed): unknown {
  if (allowed === true) return [everything, { deep: everything, [everything]: 1 }];
  const fields = Object.entries(allowed).map(([name, below]) => [
    name === '*' ? 'SOME_VARIABLE' : name,
    filled(below),
  ]);
  if (Object.hasOwn(allowed, '*')) return Object.fromEntries(fields);
  return {
    ...Object.fromEntries(fields),
    env: { TOKEN: everything },
    unlisted: everything,
    token: everything,
  };
}

function collected(change: Partial<Collected> = {}): Collected {
  const names = Object.keys(documents).filter((name): name is DocumentName => Object.hasOwn(documents, name));
  const line = JSON.stringify({
    ...{ time: '2026-01-02T03:04:05Z', level: 'info', topic: 'core', message: everything },
    fields: {
      url: everything,
      body: everything,
      error: { message: everything, cause: { message: everything } },
    },
    extra: everything,
  });
  return {
    at: 0,
    documents: Object.fromEntries(names.map((name) => [name, filled(documents[name])])),
    stackFiles: { 'gitlab/gitlab.rb': `external_url 'https://x'\n${everything}\n` },
    serviceLogs: { gitlab: planted.map((text) => text.replaceAll(/^/gm, 'gitlab-1  | ')).join('\n') },
    ownLog: `${line}\nno record: ${everything}\n`,
    missing: [{ what: 'stack/plan.json', why: everything }],
    secrets: known,
    ...change,
  };
}

describe('an archive for a helper', () => {
  const files = archiveFiles(collected(), encode);
  const whole = files.map(({ path, text }) => `${path}\n${text}`).join('\n');

  it.each([...known.flatMap((one) => one.trim().split('\n')), ...strange.map(({ part }) => part)])(
    'has %j nowhere',
    (secret) => {
      expect(whole).not.toContain(secret);
      expect(whole).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(whole).not.toContain(encodeURIComponent(secret));
    },
  );

  it('has every document, log and file, and says what is in it', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual([
      ...['README.txt', ...Object.keys(documents), 'stack/files/gitlab/gitlab.rb'],
      ...['logs/services/gitlab.log', 'logs/autogit.log'],
    ]);
    for (const path of paths.slice(1)) expect(files[0]?.text).toContain(path);
    expect(files[0]?.text).toContain('Private names stay');
  });

  it('has no field that is not on a list', () => {
    expect(whole).not.toContain('unlisted');
    expect(whole).not.toContain('"extra"');
    expect(whole).not.toContain('no record');
  });

  it('keeps what a helper needs', () => {
    const settings = {
      file: '/home/somebody/autogit/settings.yaml',
      settings: {
        gitlab: { kind: 'server', url: 'https://gitlab.lab.home.arpa' },
        pools: [{ name: 'gpu', tags: ['cuda'], max: 4, env: { HTTP_PROXY: 'http://proxy:3128' } }],
      },
    };
    const made = archiveFiles(collected({ documents: { 'settings.json': settings } }), encode);
    const text = made.find(({ path }) => path === 'settings.json')?.text ?? '';
    expect(JSON.parse(text)).toEqual({
      ...settings,
      settings: {
        ...settings.settings,
        pools: [{ name: 'gpu', tags: ['cuda'], max: 4, env: { HTTP_PROXY: null } }],
      },
    });
  });

  it('says what could not be collected', () => {
    const missing = [{ what: 'containers.json', why: 'Compose is missing (compose.missing)' }];
    const [readme] = archiveFiles(collected({ missing }), encode);
    expect(readme?.text).toContain('containers.json: Compose is missing (compose.missing)');
  });

  it('lets no file out of its folder', () => {
    const odd = { '../../etc/passwd': 'x', '/abs': 'x', 'a/./b': 'x', '..': 'x' };
    const made = archiveFiles(collected({ stackFiles: odd, serviceLogs: odd }), encode);
    for (const { path } of made) {
      expect(path.split('/')).not.toContain('..');
      expect(path).not.toMatch(/^\//);
    }
  });

  it('keeps the newest whole lines of a long log', () => {
    const log = `${'an old line\n'.repeat(200_000)}the newest\n`;
    const made = archiveFiles(collected({ serviceLogs: { gitlab: log } }), encode);
    const text = made.find(({ path }) => path.endsWith('gitlab.log'))?.text ?? '';
    expect(text.length).toBeLessThanOrEqual(1_000_000);
    expect(text.startsWith('an old line\n')).toBe(true);
    expect(text.endsWith('the newest\n')).toBe(true);
  });
});
