// The settings of the demo's home. Pure.
import { isDeepStrictEqual } from 'node:util';
import { defaultSettings, settingsSchema } from '../../model/settings.ts';
import type { Settings } from '../../model/settings.ts';
import { AutoGitError } from '../../errors.ts';
import type { DemoInput } from '../commands.ts';

/** The pool that the demo works with. */
const poolName = 'demo';

/** Settings for a demo on a machine with so many processors. */
export function demoSettings(input: DemoInput, processors: number): Settings {
  const room = Math.min(8, Math.max(2, 2 * processors));
  return settingsSchema.parse({
    gitlab: { kind: 'sandbox', runner: input.runner },
    // Its jobs and runners are counted.
    proofs: 'off',
    pools: [
      {
        name: poolName,
        tags: ['docker', 'autogit'],
        max: Math.min(room, input.jobs),
        idleTime: input.idle,
        // All of them at once must have room on the machine.
        cpus: Math.min(1, processors / room),
        memoryMiB: 512,
      },
    ],
  });
}

/**
 * What to do about the settings that a home has; `null` for a new home. Raises `demo.home-in-use` for a home that
 * somebody has made their own: the demo removes the sandbox with its data when it ends.
 */
export function planSettings(present: unknown, wanted: Settings): 'write' | 'keep' {
  if (present === null) return 'write';
  const parsed = settingsSchema.safeParse(present);
  if (!parsed.success) throw inUse('has settings that the demo cannot read');
  const { gitlab, pools } = parsed.data;
  if (gitlab.kind === 'server') throw inUse(`serves the GitLab at ${gitlab.url}`);
  const isNew = gitlab.kind === 'none' && isDeepStrictEqual(pools, defaultSettings.pools);
  const isDemo = pools.length === 1 && pools[0]?.name === poolName;
  if (!isNew && !isDemo) throw inUse('has pools of its own');
  return isDeepStrictEqual(parsed.data, wanted) ? 'keep' : 'write';
}

function inUse(why: string): AutoGitError {
  return new AutoGitError({
    key: 'demo.home-in-use',
    message: `This home ${why}; the demo would take it over, and remove its sandbox at the end.`,
    next: 'Unset AUTOGIT_HOME, or set it to an empty folder, and start the demo again.',
  });
}
