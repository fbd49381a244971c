// `gitlab-backup`: the sandbox's own. A restore is refused where GitLab's would not come to its end: while somebody writes to
// the database, or with a backup that git may not read. One that a test holds is still at work when it is killed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { stopped } from './secrets.mjs';

const git = 998;
const held = '/var/log/gitlab/hold-restore';
const words = process.argv.slice(2);

/** @returns {string | null} */
function problem() {
  const writer = ['puma', 'sidekiq'].find((service) => !existsSync(`${stopped}/${service}`));
  if (writer !== undefined) return `${writer} has not been stopped: it has the database open`;
  if (process.env['GITLAB_ASSUME_YES'] !== '1') return 'Do you want to continue (yes/no)?';
  const { uid } = statSync('/var/opt/gitlab/backups/backup_information.yml');
  return uid === git ? null : 'Permission denied @ rb_sysopen - backup_information.yml';
}

const why = words[0] === 'restore' ? problem() : null;
if (why !== null) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
if (words[0] === 'restore' && existsSync(held)) {
  writeFileSync('/var/log/gitlab/restoring', '');
  setInterval(() => undefined, 1_000);
} else {
  const { status } = spawnSync('/usr/bin/gitlab-backup', words, { stdio: 'inherit' });
  if (words[0] === 'create' && status === 0) await dump();
  process.exit(status ?? 1);
}

/** Besides the sandbox's database, what `pg_dump` would write of it; nobody restores from it here. */
async function dump() {
  const headers = { 'PRIVATE-TOKEN': readFileSync('/var/opt/gitlab/root-token', 'utf8') };
  /** @param {string} path */
  const get = async (path) => {
    const answer = await fetch(`http://127.0.0.1/api/v4${path}?per_page=100`, { headers });
    return /** @type {Record<string, string>[]} */ (await answer.json());
  };
  /** @param {string} name @param {string} column @param {Record<string, string>[]} rows */
  const table = (name, column, rows) => [
    ...[
      `DROP TABLE IF EXISTS public.${name};`,
      `CREATE TABLE public.${name} (id bigint NOT NULL, ${column} text);`,
    ],
    ...[`ALTER TABLE public.${name} OWNER TO gitlab;`, `COPY public.${name} (id, ${column}) FROM stdin;`],
    ...[...rows.map((row) => `${row['id']}\t${row[column]}`), '\\.', ''],
  ];
  const lines = [
    ...['--', '-- PostgreSQL database dump', '--', "SET client_encoding = 'UTF8';", ''],
    ...table('projects', 'path', await get('/projects')),
    ...table('users', 'username', await get('/users')),
    ...['--', '-- PostgreSQL database dump complete', '--', ''],
  ];
  const folder = '/var/opt/gitlab/backups/db';
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/database.sql.gz`, lines.join('\n'), { mode: 0o600 });
}
