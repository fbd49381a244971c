// `autogit web`: where the page of the running core is, with a link that logs in.
import { AutoGitError, messageOf } from '../errors.ts';
import { findCore } from '../serve/find-core.ts';
import type { CliWorld } from './access.ts';

function unreachable(message: string, next: string): AutoGitError {
  return new AutoGitError({ key: 'core.unreachable', message, next, retry: true });
}

async function readToken(world: CliWorld, file: string): Promise<string> {
  try {
    return (await world.readText(file)).trim();
  } catch (error) {
    throw unreachable(
      `The token of the web page cannot be read: ${messageOf(error)}.`,
      'Start the core again, which makes a token when there is none: autogit serve',
    );
  }
}

/** Prints the link. The token stands behind `#`, so that no browser sends it. Rejects with `core.unreachable`. */
export async function runWeb(world: CliWorld, json: boolean): Promise<number> {
  const access = await world.loadCore();
  const paths = access.homePaths(world.env, { demo: false });
  const record = await findCore(access, paths);
  if (record === null) {
    throw unreachable(
      'No core of AutoGit runs with this home, so there is no page.',
      'Start it with: autogit serve',
    );
  }
  const { address, pid } = record;
  if (address === null) {
    throw unreachable(
      `The core that runs with this home, process ${pid}, has no web page.`,
      'Use its window, or end it and start one with a page: autogit serve',
    );
  }
  const token = await readToken(world, paths.httpToken);
  const url = `${address}/#token=${token}`;
  world.out.write(json ? `${JSON.stringify({ address, url }, null, 2)}\n` : `${url}\n`);
  if (world.out.isTTY && !json)
    world.err.write('Open it in a browser on this machine. It logs in whoever has it: do not pass it on.\n');
  return 0;
}
