// Folders for data, and the files of the stack that stands kept before anything replaces them.
import { stackError } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';

/** Services run as users of their own and have to pass through. */
const dataMode = 0o755;

/** Rejects with `stack.data-missing` and the errors of the folder. */
export const makeFolders: ApplyStep = async (context) => {
  const { stack, folder, journal } = context;
  context.tell({ message: 'Making the folders for data' });
  await requireKnownData(context);
  rememberFormer(context);
  rememberLab(context);
  // From here on this is the lab that is there, whole or not.
  journal.setCurrent(stack.answers);
  const paths = [stack.data, ...stack.folders.map(({ path }) => path)];
  // The outer ones first: each gets its own owner and mode.
  for (const path of [...new Set(paths)].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)))
    await folder.makeData(path, { mode: dataMode });
};

/** A lab of another name has containers and secrets, whether it ever came up whole or not. */
function rememberFormer({ stack, journal }: StepContext): void {
  const current = journal.current();
  if (current === null || current.lab === stack.lab) return;
  const others = journal.former().filter(({ lab }) => lab !== current.lab && lab !== stack.lab);
  journal.setFormer([...others, { lab: current.lab, data: current.data }]);
}

/** For the day when it is given up: its folder and its secrets may outlive its name. */
function rememberLab({ stack: { lab, data }, journal }: StepContext): void {
  const known = journal.labs();
  const last = known.at(-1);
  if (last?.lab === lab && last.data === data) return;
  journal.setLabs([...known.filter((one) => one.lab !== lab), { lab, data }]);
}

/** A disk that is not mounted looks like a new, empty place: a lab that has data does not begin anew there. */
async function requireKnownData({ stack, folder, journal }: StepContext): Promise<void> {
  const standing = journal.standing();
  if (standing?.answers.lab !== stack.lab || standing.answers.data !== stack.data) return;
  const { exists, empty } = await folder.look(stack.data);
  if (exists && !empty) return;
  throw stackError(
    'stack.data-missing',
    `Lab "${stack.lab}" has its data in ${stack.data}, and ${exists ? 'nothing is in that folder' : 'that folder is not there'} now.`,
    `Look whether its disk is mounted, or bring the data back from a backup; \`autogit stack destroy\` gives the lab up.`,
    { path: stack.data },
  );
}
