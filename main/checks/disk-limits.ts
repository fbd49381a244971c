// Limits of the disk that an engine cannot hold.
import { engineName } from '../model/engine.ts';
import type { EngineCheck } from './check.ts';
import { subjectOf } from './check.ts';

/** A promise that is not kept is not made: such an engine is not told of the limit, and here it is said. */
export const checkDiskLimits: EngineCheck = (subject) => {
  const { info, pools } = subject;
  const affected = pools.filter(({ diskMiB }) => diskMiB !== null);
  if (affected.length === 0 || info.limits.disk === true) return null;
  return {
    key: 'pool.disk-not-limited',
    severity: 'warning',
    subject: subjectOf(subject),
    message: `${engineName(info)} with storage driver ${info.storageDriver} cannot limit what a container writes. Jobs of ${affected.map(({ name }) => `pool ${name}`).join(', ')} can fill the disk.`,
    next: `Let its data lie on xfs, mounted with pquota${info.rootless ? ', and run it as root' : ''}; or take the limit away: autogit pool set ${affected[0]?.name ?? 'NAME'} --disk-mib none`,
  };
};
