// Steps that bring settings of an older version to the present one, comments included.
import type { Document } from 'yaml';
import { z } from 'zod';
import { AutoGitError } from '../errors.ts';
import { settingsVersion } from '../model/settings.ts';

/** From version `from` to the next. */
export interface SettingsStep {
  readonly from: number;
  apply(settings: Document): void;
}

/** Version 1 is the first: there is nothing to step up from yet. */
export const settingsSteps: readonly SettingsStep[] = [];

/**
 * Steps a document up to `target`, in place; a version that is no number, or that no step leads from, is left
 * to the validators. Raises `settings.from-future`.
 */
export function upgradeSettings(
  document: Document,
  steps: readonly SettingsStep[] = settingsSteps,
  target: number = settingsVersion,
): void {
  const found = z.int().safeParse(document.get('version')).data ?? target;
  if (found > target) throw fromFuture(found, target);
  for (let version = found; version < target; version += 1) {
    const step = steps.find(({ from }) => from === version);
    if (step === undefined) return;
    step.apply(document);
    document.set('version', version + 1);
  }
}

function fromFuture(found: number, known: number): AutoGitError {
  return new AutoGitError({
    key: 'settings.from-future',
    message: `The settings were written by a newer AutoGit (version ${String(found)}, this one knows ${String(known)}).`,
    next: 'Start the newer AutoGit again, or move settings.yaml away to begin with the defaults.',
    fields: { found, known },
  });
}
