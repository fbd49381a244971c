// In GitLab's place in a container of the stack: the sandbox on port 80, git over SSH on port 22, GitLab's own words in the log.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const data = '/var/opt/gitlab';
const tokenFile = `${data}/root-token`;
const isFirst = !existsSync(tokenFile);
mkdirSync(`${data}/sandbox`, { recursive: true });
if (isFirst) writeFileSync(tokenFile, `glpat-${randomBytes(10).toString('hex')}`, { mode: 0o644 });
const token = readFileSync(tokenFile, 'utf8');

const settings = readFileSync('/etc/gitlab/gitlab.rb', 'utf8');
if (!/^external_url /m.test(settings)) throw new Error('gitlab.rb has no external_url');

process.stdout.write('Thank you for using GitLab Docker Image!\n');
process.stdout.write('Recipe: gitlab::default\n');
const program = spawn('autogit-sandbox', [], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
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
