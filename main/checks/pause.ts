// Containers that cannot be paused.
import { engineName } from '../model/engine.ts';
import type { EngineCheck } from './check.ts';
import { subjectOf } from './check.ts';

export const checkPause: EngineCheck = (subject) => {
  const { info } = subject;
  if (info.pause) return null;
  return {
    key: 'engine.no-pause',
    severity: 'info',
    subject: subjectOf(subject),
    message: `${engineName(info)}${info.rootless ? ' without root' : ''} cannot pause containers. AutoGit does without it.`,
    next: 'Nothing to do. Pausing needs control groups that the engine may use: version 2, or an engine that runs as root.',
  };
};
