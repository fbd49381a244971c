// Sends a request of the contract to the core and shows its answer.
import { contract } from '../contract/contract.ts';
import type { CallName, CoreDoor, Input, RequestName, StreamName } from '../contract/contract.ts';
import { fieldsOf, optionName } from '../contract/fields.ts';
import { AutoGitError } from '../errors.ts';
import { parseInput } from '../serve/read-input.ts';
import { isCallName, isStreamName } from '../serve/routes.ts';
import { interruptCode } from './access.ts';
import type { CliWorld } from './access.ts';
import { labelIn, validateInput } from './commands.ts';
import type { Command } from './commands.ts';
import { connectInput } from './gitlab-connect.ts';
import { holdPage } from './hold-page.ts';
import type { Flags } from './parse.ts';
import { reachCore } from './reach.ts';
import type { Reached } from './reach.ts';
import { checkInput } from './check-input.ts';
import { whyUnreadable } from './unreadable.ts';
import type { View } from './render/text.ts';

export interface Asked {
  readonly name: RequestName;
  readonly command: Command;
  readonly given: Readonly<Record<string, unknown>>;
  readonly flags: Flags;
}

interface Shown {
  readonly world: CliWorld;
  readonly view: View;
  readonly json: boolean;
}

/** The input as the core takes it: here a file becomes its text. Raises `settings.file-unreadable`. */
async function inputFor({ name, command, given }: Asked, world: CliWorld): Promise<unknown> {
  if (name === 'gitlab.connect') return connectInput(given, world);
  if (name !== 'settings.validate') return given;
  const { file } = checkInput(validateInput, given, labelIn(command));
  if (file === undefined) return {};
  try {
    return { text: await world.readText(file) };
  } catch (error) {
    throw new AutoGitError({
      key: 'settings.file-unreadable',
      message: `${file} cannot be read: ${whyUnreadable(error)}.`,
      next: 'Name a settings file that you may read.',
      fields: { file },
      cause: error,
    });
  }
}

/** Whether what is asked for loses data: always, or because of the field that says so. */
function losesData({ command, given }: Pick<Asked, 'command' | 'given'>): boolean {
  if (given.dryRun === true) return false;
  return typeof command.losesData === 'string' ? given[command.losesData] === true : command.losesData;
}

/** Lets a deed that loses data pass, or raises `refused.data-loss`. What somebody had to ask for is asked about twice. */
export async function confirm({ command, flags, given }: Asked, world: CliWorld): Promise<void> {
  if (flags.yes || !losesData({ command, given })) return;
  const extra = fieldsOf(command.input).find(({ name }) => name === command.losesData);
  const questions = [`${command.summary}?`, ...(extra === undefined ? [] : [`Also ${extra.help}?`])];
  let answer: boolean | null = null;
  for (const question of questions) {
    answer = flags.json ? null : await world.ask(question);
    if (answer !== true) break;
  }
  if (answer === true) return;
  throw new AutoGitError({
    key: 'refused.data-loss',
    message:
      extra === undefined
        ? `\`autogit ${command.path.join(' ')}\` loses data: ${command.summary}.`
        : `\`autogit ${command.path.join(' ')} --${optionName(extra.name)}\` loses data: ${extra.help}.`,
    next: 'Nothing was changed. Add --yes to do it, or --dry-run to see what it would do.',
  });
}

function interrupted(signal: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('interrupted');
    else signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
}

async function showCall<N extends CallName>(
  door: CoreDoor,
  name: N,
  input: Input<N>,
  { world, view, json }: Shown,
): Promise<number> {
  const answer = door.call(name, input);
  const first = await Promise.race([answer.then(() => 'answered' as const), interrupted(world.interrupt)]);
  if (first === 'interrupted') {
    answer.catch(() => undefined);
    return interruptCode(world.interrupt);
  }
  const value = await answer;
  if (json) world.out.write(`${JSON.stringify(value, null, 2)}\n`);
  else {
    const { renderAnswer } = await import('./render/renderers.ts');
    world.out.write(renderAnswer(name, value, view));
  }
  const isFalse = typeof value === 'object' && 'valid' in value && !value.valid;
  const isIll = typeof value === 'object' && 'healthy' in value && !value.healthy;
  const isBad = typeof value === 'object' && 'good' in value && !value.good;
  return isFalse || isIll || isBad ? 1 : 0;
}

/** Streams whose items are each the whole picture: on a terminal, a new one takes the place of the one before. */
const redrawn: readonly StreamName[] = ['gpu.watch', 'machine.watch', 'stack.watch', 'backup.watch'];

async function showStream<N extends StreamName>(
  door: CoreDoor,
  name: N,
  input: Input<N>,
  { world, view, json }: Shown,
): Promise<number> {
  const { renderAnswer } = await import('./render/renderers.ts');
  const area = !json && world.out.isTTY && redrawn.includes(name) ? await world.openLive('out') : null;
  const show = area === null ? (text: string): void => world.out.write(text) : area.draw;
  try {
    for await (const item of door.stream(name, input, world.interrupt))
      show(json ? `${JSON.stringify(item)}\n` : renderAnswer(name, item, { ...view, now: world.now() }));
  } finally {
    area?.end();
  }
  return world.interrupt.aborted ? interruptCode(world.interrupt) : 0;
}

/** They are asked before there is a stack: no home has to be there. */
const firstQuestions: readonly RequestName[] = ['stack.questions', 'certificate.providers', 'sso.providers'];
/** They look for themselves: no core has to look around before, and no home has to be there. */
const machineQuestions: readonly RequestName[] = ['machine.detect', 'doctor.run'];

/** Runs a request to its end. Resolves with the exit code. */
export async function runRequest(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { name, command, flags } = asked;
  const input = await inputFor(asked, world);
  const shown: Shown = { world, view, json: flags.json };
  const act = contract[name].kind === 'command';
  const isOfMachine = machineQuestions.includes(name);
  const isOfFile = name === 'settings.validate' && 'file' in asked.given;
  const needsHome = !(name.startsWith('engine.') || isOfMachine || isOfFile || firstQuestions.includes(name));
  const observe = !(name.startsWith('settings.') || isOfMachine);
  const reach = (): Promise<Reached> => reachCore(world, { act, observe, needsHome });
  if (isStreamName(name)) {
    const parsed = parseInput(name, input, labelIn(command));
    return closing(await reach(), ({ door }) => showStream(door, name, parsed, shown));
  }
  if (!isCallName(name)) return 1;
  const parsed = parseInput(name, input, labelIn(command));
  await confirm(asked, world);
  return closing(await reach(), async ({ door, isOwn }) => {
    const code = await showCall(door, name, parsed, shown);
    if (isOwn && name === 'certificate.share') await holdPage(door, world);
    return code;
  });
}

async function closing(reached: Reached, show: (reached: Reached) => Promise<number>): Promise<number> {
  try {
    return await show(reached);
  } finally {
    await reached.close();
  }
}
