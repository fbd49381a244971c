// Refuses to give jobs AutoGit's own home: its keys and its socket are there.
import { parseMount } from '../model/pool-container.ts';
import type { Settings } from '../model/settings.ts';
import type { SettingsProblem } from './parse-settings.ts';

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Mounts in or around the home. `home`: its absolute path. */
export function homeMountProblems({ pools }: Settings, home: string): readonly SettingsProblem[] {
  return pools.flatMap(({ mounts }, pool) =>
    mounts.flatMap((text, index) => {
      const source = parseMount(text)?.source ?? '';
      if (!holds(source, home) && !holds(home, source)) return [];
      const path = `pools[${pool}].mounts[${index}]`;
      const message = `${path} is ${JSON.stringify(text)}; allowed is nothing in or around AutoGit's home ${home}`;
      return [{ path, line: null, message }];
    }),
  );
}
