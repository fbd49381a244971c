// `autogit stack plan`: what `up` would do, and with --out the files of the stack for a look.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Output } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { reachCore } from '../reach.ts';
import type { Reached } from '../reach.ts';
import { renderPlannedStack } from '../render/stack-plan.ts';
import { renderHint } from '../render/stack.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { whyUnreadable } from '../unreadable.ts';
import { readAnswersFile } from './answers.ts';
import { stackPlanForm } from './forms.ts';

type Files = NonNullable<Output<'stack.plan'>['files']>;

function outError(key: string, folder: string, why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key,
    message: `The files cannot be written into ${folder}: ${why}.`,
    next: 'Name a folder that is empty or not there yet, where you may write.',
    fields: { folder },
    cause,
  });
}

/** Rejects with `stack.out-not-empty`, `stack.out-failed`. Overwrites nothing. */
async function writeOut(folder: string, files: Files): Promise<void> {
  const root = path.resolve(folder);
  try {
    await mkdir(root, { recursive: true });
    if ((await readdir(root)).length > 0)
      throw outError('stack.out-not-empty', folder, 'it has something in it');
    for (const { path: name, content } of files) {
      const target = path.resolve(root, name);
      if (!target.startsWith(root + path.sep)) continue;
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, content, { flag: 'wx' });
    }
  } catch (error) {
    if (error instanceof AutoGitError) throw error;
    throw outError('stack.out-failed', folder, whyUnreadable(error), error);
  }
}

/** The plan of a home that is not there yet speaks of the one that will be. */
function atHome(planned: Output<'stack.plan'>, { homeless }: Reached): Output<'stack.plan'> {
  const { plan } = planned;
  if (homeless === undefined || plan === null) return planned;
  return { ...planned, plan: { ...plan, folder: plan.folder.replace(homeless.used, homeless.meant) } };
}

/** Resolves with the exit code: 1 where answers are wrong or something stands against the plan. */
export async function runStackPlan(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { answers, out, replace, keep } = checkInput(stackPlanForm, asked.given, labelIn(asked.command));
  const given = answers === undefined ? {} : await readAnswersFile(answers, world);
  const reached = await reachCore(world, { act: false, observe: true, needsHome: false });
  try {
    const input = { ...given, replace, keep, files: out !== undefined };
    const planned = atHome(await reached.door.call('stack.plan', input), reached);
    if (out !== undefined && planned.files !== undefined) await writeOut(out, planned.files);
    if (asked.flags.json) world.out.write(`${JSON.stringify({ ...planned, files: undefined }, null, 2)}\n`);
    else {
      world.out.write(renderPlannedStack(planned, view));
      if (out !== undefined) world.out.write(renderHint(`The files are in ${out}, without secrets.`, view));
    }
    return planned.valid ? 0 : 1;
  } finally {
    await reached.close();
  }
}
