// All schema steps, in order.
import type { Migration } from '../migrate.ts';
import { initial } from './0001-initial.ts';
import { entryTerms } from './0002-entry-terms.ts';
import { runnerGpus } from './0003-runner-gpus.ts';
import { usage } from './0004-usage.ts';
import { proofs } from './0005-proofs.ts';
import { refusals } from './0006-refusals.ts';
import { runnerSizes } from './0007-runner-sizes.ts';
import { hardwareHistory } from './0008-hardware-history.ts';
import { stack } from './0009-stack.ts';
import { notices } from './0010-notices.ts';
import { auditSubjects } from './0011-audit-subjects.ts';
import { backups } from './0012-backups.ts';

export const migrations: readonly Migration[] = [
  initial,
  entryTerms,
  runnerGpus,
  usage,
  proofs,
  refusals,
  runnerSizes,
  hardwareHistory,
  stack,
  notices,
  auditSubjects,
  backups,
];
