// Requests about the settings of a pretended lab: a real file in memory, read and changed as the core does it.
import { defaultSettingsText } from '../../main/config/default-text.ts';
import { diffSettings } from '../../main/config/diff-settings.ts';
import { parseSettings } from '../../main/config/parse-settings.ts';
import { renderSettings } from '../../main/config/render-settings.ts';
import { describeFile, editFor } from '../../main/coordinator/settings-requests.ts';
import type { Calls } from './fake-pool-calls.ts';

type SettingsCalls = Pick<
  Calls,
  'settings.show' | 'settings.validate' | 'settings.describe' | 'settings.change'
>;

/** `text`: of the file at the beginning. */
export function createSettingsCalls(text: string = defaultSettingsText): SettingsCalls {
  const file = '/home/somebody/.local/share/autogit/settings.yaml';
  let content = text;
  const opened = {
    file,
    current: () => parseSettings(content).settings,
    problems: () => parseSettings(content).problems,
    issue: () => {
      const wrong = parseSettings(content).problems.length > 0;
      if (!wrong) return null;
      const message = `${file} cannot be used, so the defaults are in force.`;
      const next = 'Correct the file; `autogit settings validate` lists every problem.';
      return { key: 'settings.broken', severity: 'error' as const, subject: file, message, next };
    },
    text: () => content,
  };
  return {
    'settings.show': () => ({
      file,
      settings: { ...opened.current() },
      problems: [...opened.problems()],
    }),
    'settings.validate': ({ text: given }) => {
      const valid = !(given ?? '').includes('broken');
      const problem = { path: 'pools.0', line: 3, message: 'line 3: pools.0 is broken' };
      return { valid, problems: valid ? [] : [problem] };
    },
    'settings.describe': ({ search }) => describeFile(opened, search),
    'settings.change': (input) => {
      const before = opened.current();
      const after = editFor(input, opened)(before);
      const changes = diffSettings(before, after).map((one) => ({ ...one }));
      if (!input.dryRun) content = renderSettings(content, after);
      const message =
        changes.length === 0
          ? 'That is so already: there is nothing to change.'
          : `${input.path} ${input.dryRun ? 'would change' : 'has changed'}.`;
      return { dryRun: input.dryRun, actions: [], message, next: null, changes };
    },
  };
}
