// In GitLab's place in a container of the stack: the sandbox on port 80, git over SSH on port 22, GitLab's own words in the log.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { digestOfKey, keyMark, secretsFile, stopped } from './secrets.mjs';

const data = '/var/opt/gitlab';
const tokenFile = `${data}/root-token`;
const isFirst = !existsSync(tokenFile);
mkdirSync(`${data}/sandbox`, { recursive: true });
if (isFirst) writeFileSync(tokenFile, `glpat-${randomBytes(10).toString('hex')}`, { mode: 0o644 });
const token = readFileSync(tokenFile, 'utf8');
// What was stopped runs again after a start.
rmSync(stopped, { recursive: true, force: true });

// Keys for what the database has encrypted: made once, and whoever has others can read nothing of it.
if (!existsSync(secretsFile)) {
  const keys = ['db_key_base', 'secret_key_base', 'otp_key_base'].map((name) => [
    name,
    randomBytes(64).toString('hex'),
  ]);
  const whole = { gitlab_rails: Object.fromEntries(keys) };
  writeFileSync(secretsFile, JSON.stringify(whole, null, 2), { mode: 0o600 });
}
if (isFirst) {
  mkdirSync(dirname(keyMark), { recursive: true });
  writeFileSync(keyMark, digestOfKey());
}

const settings = readFileSync('/etc/gitlab/gitlab.rb', 'utf8');
if (!/^external_url /m.test(settings)) throw new Error('gitlab.rb has no external_url');

// What GitLab trusts besides the public roots; the package takes them up at each start.
const trusted = '/etc/gitlab/trusted-certs';
const roots = existsSync(trusted) ? readdirSync(trusted).filter((name) => name.endsWith('.crt')) : [];
const trustFile = `${data}/trusted.pem`;
writeFileSync(trustFile, roots.map((name) => readFileSync(`${trusted}/${name}`, 'utf8')).join('\n'));

// How people sign in, as Ruby reads it; in an image without Ruby nobody signs in through others.
/** @type {Record<string, string>} */
const signIn = {};
if (existsSync('/usr/bin/ruby')) {
  const omniauth = execFileSync('/usr/bin/ruby', [
    '--disable-gems',
    '/stand-in/omniauth.rb',
    '/etc/gitlab/gitlab.rb',
  ]);
  const file = `${data}/omniauth.json`;
  writeFileSync(file, omniauth, { mode: 0o600 });
  signIn['AUTOGIT_SANDBOX_OMNIAUTH'] = file;
}

process.stdout.write('Thank you for using GitLab Docker Image!\n');
process.stdout.write('Recipe: gitlab::default\n');
const program = spawn('autogit-sandbox', [], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    ...signIn,
    NODE_EXTRA_CA_CERTS: trustFile,
    AUTOGIT_SANDBOX_STATE: `${data}/sandbox`,
    AUTOGIT_SANDBOX_PORT: '80',
    AUTOGIT_SANDBOX_ROOT_TOKEN: token,
  },
});
program.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => program.kill('SIGTERM'));

const answers = () =>
  fetch('http://127.0.0.1/api/v4/version', { headers: { 'PRIVATE-TOKEN': token } }).then(
    ({ ok }) => ok,
    () => false,
  );
while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 50));

if (isFirst) {
  const file = /File\.read\(\s*['"]([^'"]*root-password)['"]/.exec(settings)?.[1];
  if (file === undefined) throw new Error('gitlab.rb does not read the password of root');
  const password = readFileSync(file, 'utf8').trim();
  await fetch('http://127.0.0.1/api/v4/users/1', {
    method: 'PUT',
    headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
    body: JSON.stringify({ password }),
  });
}

if (existsSync('/usr/sbin/sshd')) {
  const key = '/etc/gitlab/ssh_host_ed25519_key';
  if (!existsSync(key)) execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  mkdirSync('/run/sshd', { recursive: true });
  spawn('/usr/sbin/sshd', ['-D', '-e', '-f', '/stand-in/sshd_config'], { stdio: 'inherit' });
}
process.stdout.write('gitlab Reconfigured!\n');
