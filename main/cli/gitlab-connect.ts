// `autogit gitlab connect`: the token comes from the environment, the terminal or standard input, never from the words.
import { resolve } from 'node:path';
import { z } from 'zod';
import { connectFields, gitlabRequests } from '../contract/requests/gitlab.ts';
import type { CliWorld } from './access.ts';

const { ca } = gitlabRequests['gitlab.connect'].input.shape;
const { url, runnerUrl, replace, dryRun } = connectFields;

/** What is typed. */
export const connectForm = z.strictObject({
  url,
  ca: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(ca.description ?? ''),
  runnerUrl,
  replace,
  dryRun,
});

/** Characters; a token has some dozens. */
const longestToken = 2_000;

async function tokenFrom(world: CliWorld): Promise<string | undefined> {
  const given = world.env.AUTOGIT_GITLAB_TOKEN?.trim();
  if (given !== undefined && given !== '') return given;
  const typed = await world.prompt("Access token of an administrator (empty: this home's own): ", {
    hidden: true,
  });
  const text = typed ?? (await world.readText('-', longestToken).catch(() => ''));
  const token = text.trim();
  return token === '' ? undefined : token;
}

/** What is typed and the token, as the core takes them. Files are named by whole paths: the core may stand elsewhere. */
export async function connectInput(
  given: Readonly<Record<string, unknown>>,
  world: CliWorld,
): Promise<Readonly<Record<string, unknown>>> {
  const token = await tokenFrom(world);
  return {
    ...given,
    ...(typeof given.ca === 'string' ? { ca: resolve(given.ca) } : {}),
    ...(token === undefined ? {} : { token }),
  };
}
