// `autogit doctor --fix`: shows what is wrong, then what AutoGit would do about it, and does it once a person agrees.
import type { CoreDoor, Output } from '../contract/contract.ts';
import type { CliWorld } from './access.ts';
import { checkInput } from './check-input.ts';
import { doctorForm, labelIn } from './commands.ts';
import { reachCore } from './reach.ts';
import type { Asked } from './request.ts';
import { renderDoctor, renderFixes } from './render/doctor.ts';
import type { View } from './render/text.ts';

type Doctor = Output<'doctor.run'>;
type Fixes = Output<'doctor.fix'>;

/** What is left: wrong things that nobody but a person can mend, or that could not be mended. */
function exitCode({ findings }: Doctor, { fixes }: Fixes): number {
  const isMended = ({ key, subject }: Doctor['findings'][number]): boolean =>
    fixes.some((fix) => fix.done && fix.key === key && fix.subject === subject);
  return findings.every((finding) => finding.severity === 'info' || isMended(finding)) ? 0 : 1;
}

async function agrees({ flags }: Asked, { ask }: CliWorld): Promise<boolean> {
  if (flags.yes) return true;
  return !flags.json && (await ask('Do that?')) === true;
}

async function fix(asked: Asked, door: CoreDoor, world: CliWorld, view: View): Promise<number> {
  const { area } = checkInput(doctorForm, asked.given, labelIn(asked.command));
  const input = area === undefined ? {} : { area };
  const doctor = await door.call('doctor.run', input);
  const { json } = asked.flags;
  if (!json) world.out.write(`${renderDoctor(doctor, view)}\n`);
  const planned = await door.call('doctor.fix', { ...input, dryRun: true });
  if (!json) world.out.write(renderFixes(planned, view));
  const isWanted = planned.fixes.length > 0 && (await agrees(asked, world));
  const fixed = isWanted ? await door.call('doctor.fix', input) : planned;
  if (json) world.out.write(`${JSON.stringify(fixed, null, 2)}\n`);
  else if (isWanted) world.out.write(renderFixes(fixed, view));
  else if (planned.fixes.length > 0) world.out.write('Nothing was done. Add --yes to do it.\n');
  return exitCode(doctor, fixed);
}

/** Resolves with the exit code: 0 where nothing wrong is left. */
export async function fixWhatIsWrong(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const reached = await reachCore(world, { act: true, observe: true, needsHome: true });
  try {
    return await fix(asked, reached.door, world, view);
  } finally {
    await reached.close();
  }
}
