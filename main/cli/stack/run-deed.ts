// `autogit stack restart`, `down` and `destroy`: the run is followed until it has ended; `set-secret` reads its value.
import type { CoreDoor, Input, Output } from '../../contract/contract.ts';
import { parseInput } from '../../serve/read-input.ts';
import { interruptCode } from '../access.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { reachCore } from '../reach.ts';
import { renderOutcome } from '../render/outcome.ts';
import type { View } from '../render/text.ts';
import { confirm } from '../request.ts';
import type { Asked } from '../request.ts';
import { followRun } from './follow-run.ts';
import { setSecretForm } from './forms.ts';

type DeedName = 'stack.restart' | 'stack.down' | 'stack.destroy';

/** Begins it without waiting, so that what it does can be shown. */
async function begin(
  name: DeedName,
  asked: Asked,
  door: CoreDoor,
): Promise<{ readonly outcome: Output<'stack.down'>; readonly wait: boolean }> {
  const parsed = parseInput(name, asked.given, labelIn(asked.command));
  const input: Input<DeedName> = { ...parsed, wait: false };
  return { outcome: await door.call<DeedName>(name, input), wait: parsed.wait };
}

/** Resolves with the exit code. Rejects with what ended the run. */
export async function runStackDeed(
  name: DeedName,
  asked: Asked,
  world: CliWorld,
  view: View,
): Promise<number> {
  const { json } = asked.flags;
  parseInput<DeedName>(name, asked.given, labelIn(asked.command));
  await confirm(asked, world);
  const reached = await reachCore(world, { act: true, observe: true, needsHome: true });
  const show = (outcome: Output<'stack.down'>): void =>
    world.out.write(json ? `${JSON.stringify(outcome, null, 2)}\n` : renderOutcome(outcome, view));
  try {
    const { outcome, wait } = await begin(name, asked, reached.door);
    if (outcome.run === null || !(wait || reached.isOwn)) {
      show(outcome);
      return 0;
    }
    const last = await followRun(outcome.run, reached.door, world, json);
    if (last === null) return interruptCode(world.interrupt);
    show({ ...outcome, message: (await reached.door.call('stack.status', {})).sentence });
    return 0;
  } finally {
    await reached.close();
  }
}

/** What a person types is not shown; from a pipe, the last line feed is none of it. */
export async function readSecret(name: string, world: CliWorld): Promise<string> {
  const typed = await world.prompt(`Value of ${name} (not shown): `, { hidden: true });
  return typed ?? (await world.readText('-', 16_385)).replace(/\r?\n$/, '');
}

/** `autogit stack set-secret`. */
export async function runSetSecret(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { name, lab, dryRun } = checkInput(setSecretForm, asked.given, labelIn(asked.command));
  const value = dryRun ? 'none' : await readSecret(name, world);
  const input = parseInput('stack.set-secret', { name, lab, value, dryRun }, (field) =>
    field === 'value' ? 'standard input' : labelIn(asked.command)(field),
  );
  const reached = await reachCore(world, { act: true, observe: false, needsHome: true });
  try {
    const outcome = await reached.door.call('stack.set-secret', input);
    world.out.write(
      asked.flags.json ? `${JSON.stringify(outcome, null, 2)}\n` : renderOutcome(outcome, view),
    );
    return 0;
  } finally {
    await reached.close();
  }
}
