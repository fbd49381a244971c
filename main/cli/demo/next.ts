// What a person may do after the demo, as commands to copy. Pure.
import type { Output } from '../../contract/contract.ts';
import type { CoreRecord, Environment } from '../../serve/find-core.ts';
import { renderPairs } from '../render/table.ts';
import { columnsOf, fill, paint, wrap } from '../render/text.ts';
import type { View } from '../render/text.ts';

interface Words {
  /** The demo's home. */
  readonly root: string;
  readonly env: Environment;
}

/** How this person calls AutoGit: from a package, or from the repository through npm. */
function program(env: Environment): string {
  return env.npm_lifecycle_event === undefined ? 'autogit' : 'npm run --silent autogit --';
}

function quoted(text: string): string {
  return /^[\w./:~@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function list(commands: readonly (readonly [command: string, why: string])[], view: View): string {
  const left = Math.max(...commands.map(([command]) => columnsOf(command)));
  const longest = Math.max(...commands.map(([, why]) => columnsOf(why)));
  const wide = left + longest + 6 <= view.width;
  const lines = commands.map(([command, why]) => {
    if (wide) return `  ${fill(command, left)}  ${paint(`# ${why}`, 'quiet', view)}\n`;
    const notes = wrap(why, view.width - 4).map((line) => `  ${paint(`# ${line}`, 'quiet', view)}\n`);
    return `${notes.join('')}  ${command}\n`;
  });
  return `\nTry next:\n${lines.join('')}`;
}

/** After a demo that has removed everything. */
export function renderLater({ env }: Words, view: View): string {
  const autogit = program(env);
  const demo = env.npm_lifecycle_event === undefined ? 'autogit demo' : 'npm run demo --';
  return list(
    [
      [`${demo} --jobs 40`, 'more jobs than runners: watch the queue'],
      [`${demo} --keep`, 'leave everything running and look around'],
      [`${autogit} settings show`, 'what AutoGit would do for your own GitLab'],
    ],
    view,
  );
}

/** After `--keep`: where everything is, and how to look at it and end it. */
export function renderKept(
  access: Output<'sandbox.access'>,
  core: CoreRecord,
  { root, env }: Words,
  view: View,
): string {
  const autogit = `AUTOGIT_HOME=${quoted(root)} ${program(env)}`;
  const places = renderPairs(
    [
      ['Sandbox', access.url ?? 'not running'],
      [
        'User',
        `${access.username}, with the token ${access.token ?? '(none)'} as password for git and the API`,
      ],
      ['Core', `${core.address ?? core.socket}, process ${core.pid}`],
    ],
    { ...view, width: Infinity },
  );
  const next = list(
    [
      [`${autogit} sandbox seed --jobs 20`, 'more work'],
      [`${autogit} status`, 'how things stand'],
      [`${autogit} sandbox reset --yes && ${autogit} stop`, 'end and remove everything'],
    ],
    view,
  );
  return `\n${places}${next}`;
}
