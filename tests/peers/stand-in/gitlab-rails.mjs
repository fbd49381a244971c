// `gitlab-rails runner -`: does what AutoGit's script asks of Rails, which is a token of root, through the sandbox's API.
import { readFileSync } from 'node:fs';

if (process.argv[2] !== 'runner') throw new Error('only `runner` is known here');
const script = readFileSync(0, 'utf8');
const wish = /^#\s*autogit: (\{.*\})\s*$/m.exec(script)?.[1];
if (wish === undefined) throw new Error('the script says nowhere as data what it wants');
/** @type {{ name: string, scopes: string[], days: number }} */
const asked = JSON.parse(wish);
const { name, scopes, days } = asked;
const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const answer = await fetch('http://127.0.0.1/api/v4/users/1/personal_access_tokens', {
  method: 'POST',
  headers: {
    'PRIVATE-TOKEN': readFileSync('/var/opt/gitlab/root-token', 'utf8'),
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({ name, scopes, expires_at: expiresAt }),
});
const { token } = /** @type {{ token?: string }} */ (await answer.json());
if (token === undefined) throw new Error(`no token: ${answer.status}`);
process.stdout.write(`${token}\n`);
