// Engines that work, and are older than what AutoGit is made for.
import { engineName, isOlder } from '../model/engine.ts';
import type { EngineCheck } from './check.ts';
import { subjectOf } from './check.ts';

/** Of Docker; of Podman the oldest that works is recommended as well. */
const recommended = '25';

export const checkVersion: EngineCheck = (subject) => {
  const { info } = subject;
  if (info.kind !== 'docker' || !isOlder(info.version, recommended)) return null;
  return {
    key: 'engine.old-version',
    severity: 'info',
    subject: subjectOf(subject),
    message: `${engineName(info)} works; Docker ${recommended} or newer is recommended.`,
    next: 'Update it when that suits you: https://docs.docker.com/engine/install/',
  };
};
