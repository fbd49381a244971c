// `autogit diagnose`: what a helper needs, as one archive on disk.
import path from 'node:path';
import type { CliWorld } from './access.ts';
import { checkInput } from './check-input.ts';
import { diagnoseForm, labelIn } from './commands.ts';
import { reachCore } from './reach.ts';
import { renderArchive } from './render/diagnose.ts';
import type { View } from './render/text.ts';
import type { Asked } from './request.ts';

/** `autogit-diagnose-20260102-030405`, also the folder in the archive. */
function nameOf(at: number): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\..*/g, '');
  return `autogit-diagnose-${stamp.replace('T', '-')}`;
}

/** Resolves with the exit code. Rejects with `diagnose.archive-exists`, `diagnose.archive-failed`. */
export async function runDiagnose(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { out } = checkInput(diagnoseForm, asked.given, labelIn(asked.command));
  const reached = await reachCore(world, { act: false, observe: true, needsHome: false });
  try {
    const { at, files } = await reached.door.call('diagnose.collect', {});
    const folder = nameOf(at);
    const file = path.resolve(out ?? `${folder}.zip`);
    const { writeArchive } = await world.loadCore();
    await writeArchive(file, folder, files, at);
    const rows = files.map(({ path: name, text }) => ({ path: name, characters: text.length }));
    const shown = { file, files: rows };
    world.out.write(asked.flags.json ? `${JSON.stringify(shown, null, 2)}\n` : renderArchive(shown, view));
    return 0;
  } finally {
    await reached.close();
  }
}
