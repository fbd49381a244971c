// The script for GitLab's console, run by Ruby: the token that it makes, those that it ends, and what it prints.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { tokenScopes, tokenScript } from '../../main/apply/stack/admin-token.ts';
import { describeWithPeer, findRuby } from './peers.ts';

const ruby = await findRuby();

interface GitlabUser {
  readonly id: number;
  readonly username: string;
  readonly admin: boolean;
  readonly tokens: readonly { readonly name: string; readonly revoked: boolean }[];
}

const nobodys = { tokens: [{ name: 'Backup', revoked: false }] };
const root: GitlabUser = { id: 1, username: 'root', admin: true, tokens: [] };
const ada: GitlabUser = { ...nobodys, id: 7, username: 'ada', admin: true };
const bob: GitlabUser = { ...nobodys, id: 3, username: 'bob', admin: false };

const seenSchema = z.object({
  printed: z.string(),
  tokens: z.array(z.looseObject({ user: z.string(), name: z.string(), revoked: z.boolean().nullable() })),
});

describeWithPeer("GitLab's console", ruby, (program) => {
  const console = fileURLToPath(new URL('gitlab_console.rb', import.meta.url));
  const script = tokenScript({ name: "AutoGit 'o #{1}", scopes: tokenScopes, days: 365 });

  /** Rejects with Ruby's words where the script fails. */
  async function runScript(users: readonly GitlabUser[]): Promise<z.infer<typeof seenSchema>> {
    const printed = await new Promise<string>((resolve, reject) => {
      const child = execFile(program(), [console], (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr));
      });
      child.stdin?.end(JSON.stringify({ script, users }));
    });
    return seenSchema.parse(JSON.parse(printed));
  }

  const made = {
    ...{ name: "AutoGit 'o #{1}", revoked: false, token: 'glpat-of-the-console', expires_at: 365 },
    scopes: ['api', 'create_runner', 'manage_runner', 'admin_mode'],
  };

  it('makes one token of root for a year with exactly the scopes, and prints nothing but it', async () => {
    const { printed, tokens } = await runScript([bob, root]);
    expect(printed).toBe('glpat-of-the-console\n');
    expect(tokens.filter(({ name }) => name !== 'Backup')).toEqual([{ ...made, user: 'root' }]);
  });

  it('ends those of the same name that still count, and no other', async () => {
    const old = [
      { name: made.name, revoked: false },
      { name: made.name, revoked: true },
      { name: 'AutoGit 99999999', revoked: false },
    ];
    const { tokens } = await runScript([{ ...root, tokens: old }, bob, ada]);
    expect(
      tokens.map(({ user, name, revoked }) => `${user} ${name} ${revoked === true ? 'ended' : 'counts'}`),
    ).toEqual([
      `root ${made.name} ended`,
      `root ${made.name} ended`,
      'root AutoGit 99999999 counts',
      `root ${made.name} counts`,
      'bob Backup counts',
      'ada Backup counts',
    ]);
  });

  it('takes the first administrator where root has another name', async () => {
    const { tokens } = await runScript([{ ...ada, id: 9, username: 'late' }, bob, ada]);
    expect(tokens).toContainEqual({ ...made, user: 'ada' });
    expect(tokens.filter(({ name }) => name === made.name)).toHaveLength(1);
  });

  it('says that there is no administrator', async () => {
    await expect(runScript([bob])).rejects.toThrow('GitLab has no administrator');
  });
});
