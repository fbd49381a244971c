// What each request about backups does: queries read what is known, commands begin runs or change the settings.
import type { CallName, Output, ParsedInput } from '../../contract/contract.ts';
import type { RequestContext } from '../requests.ts';
import { planRestoreRequest, restoreRequest } from './restore-requests.ts';
import {
  cancelBackup,
  createBackup,
  drillBackups,
  previewKeep,
  pruneBackups,
  verifyBackups,
} from './run-requests.ts';
import { keepSheet, showSheet } from './sheet-requests.ts';
import { inspectBackup, listBackups, listTargets, previewWhen, showBackups } from './show-requests.ts';
import { addTarget, changeSchedule, findBackups, removeTarget, testTarget } from './target-requests.ts';

type BackupCall = Extract<CallName, `backup.${string}`>;
type BackupHandlers = {
  readonly [N in BackupCall]: (input: ParsedInput<N>, context: RequestContext) => Promise<Output<N>>;
};

/** One handler per query and command about backups. */
export const backupHandlers: BackupHandlers = {
  'backup.show': showBackups,
  'backup.list': listBackups,
  'backup.inspect': inspectBackup,
  'backup.create': createBackup,
  'backup.verify': verifyBackups,
  'backup.drill': drillBackups,
  'backup.prune': pruneBackups,
  'backup.cancel': cancelBackup,
  'backup.plan-restore': planRestoreRequest,
  'backup.restore': restoreRequest,
  'backup.find': findBackups,
  'backup.targets': listTargets,
  'backup.test-target': testTarget,
  'backup.add-target': addTarget,
  'backup.remove-target': removeTarget,
  'backup.schedule': changeSchedule,
  'backup.preview-when': previewWhen,
  'backup.preview-keep': previewKeep,
  'backup.sheet': showSheet,
  'backup.sheet-kept': keepSheet,
};
