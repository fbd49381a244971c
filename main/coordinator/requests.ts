// What each request of the contract does: queries read the live state, commands change a wish and wait for its effect.
import { contract } from '../contract/contract.ts';
import type { CallName, Output, ParsedInput } from '../contract/contract.ts';
import type { Door } from '../model/request.ts';
import type { QueueHistoryKeeper } from '../observe/queue-history.ts';
import type { RestartLook } from '../model/stack/restarts.ts';
import type { Clock, Engines, Host, Secrets, Store } from '../ports.ts';
import type { Probe } from '../probe-port.ts';
import type { ConnectGitlabAdmin } from '../stack-ports.ts';
import { listLicences, showAbout } from './about-requests.ts';
import { applyAdvice, showAdvice } from './advice-requests.ts';
import {
  disableArchitecture,
  enableArchitecture,
  listArchitectures,
  showArchFile,
  testArchitectures,
} from './arch-requests.ts';
import { backupHandlers } from './backups/backup-requests.ts';
import type { BackupDesk } from './backups/backup-desk.ts';
import type { ReadCertificate } from './ca-file.ts';
import type { Coordinator } from './coordinator.ts';
import { listEngines, showEngine, useEngine } from './engine-requests.ts';
import { collectDiagnosis, diagnoseSources } from './diagnose-requests.ts';
import type { OwnProgram } from './diagnose-requests.ts';
import { connectExisting } from './gitlab-requests.ts';
import { listGpus, releaseGpu, reserveGpu, setGpuUse, showGpu } from './gpu-requests.ts';
import { gpuHistory, machineHistory, queueHistory } from './hardware-requests.ts';
import type { HardwareWatch } from './hardware-watch.ts';
import { cancelJob, explain, retryJob, showJob } from './job-requests.ts';
import { fixFindings, runDoctor, showMachine } from './machine-requests.ts';
import { simulatePools } from './simulate-request.ts';
import { namesContext, publishNames, showNames, verifyNames } from './names-requests.ts';
import type { NoticeDesk } from './notice-desk.ts';
import { actOnNotice, listNotices, muteNotices, readNotice, testNotice } from './notice-requests.ts';
import { toOutcome } from './outcome.ts';
import { addPool, pausePool, removePool, resumePool, setPool, showPool } from './pool-requests.ts';
import { provePool } from './prove-pool.ts';
import { showReadyPools } from './ready-pools.ts';
import type { FindEmulated } from './ready-pools.ts';
import { recoverLab, recoverPool } from './recover-requests.ts';
import { drainRunner, removeRunner, showRunner } from './runner-requests.ts';
import { renderJob } from './snapshot.ts';
import type { RunnerOf } from './snapshot.ts';
import type { SettingsAccess } from './settings-access.ts';
import { checkUpdates, downloadUpdate, installUpdate } from './update-requests.ts';
import type { UpdateDesk } from './update-desk.ts';
import { changeSetting, describeAll } from './settings-requests.ts';
import type { StackLookParts } from './stack/look-parts.ts';
import { planRequest, showQuestions } from './stack/plan-request.ts';
import { destroyStack, downStack, restartStack, upStack } from './stack/run-requests.ts';
import type { StackDesk } from './stack/stack-desk.ts';
import {
  checkCertificates,
  listCertificates,
  renewNow,
  shareRoot,
  showRoot,
} from './stack/certificate-requests.ts';
import { listAcmeProviders } from './stack/acme-requests.ts';
import { trustRoot, untrustRoot } from './stack/trust-requests.ts';
import { checkProvider, listSsoProviders, showSso, testSso } from './stack/sso-requests.ts';
import { testDirectory } from './stack/directory-requests.ts';
import {
  addUser,
  changeGroups,
  disableUser,
  enableUser,
  removeUser,
  resetUser,
  syncUsers,
} from './stack/user-requests.ts';
import { listUsers } from './stack/user-list.ts';
import { showCode } from './stack/code-request.ts';
import { setSecret, showSecret } from './stack/secret-requests.ts';
import { showStack } from './stack/stack-status.ts';
import { askLab, drainLab, resumeLab } from './lab-requests.ts';
import type { LiveState } from './live-state.ts';
import { forgetSetup, keepSetup, showSetup } from './setup-requests.ts';
import {
  resetSandbox,
  seedSandbox,
  showAccess,
  showSandbox,
  startSandbox,
  stopSandbox,
} from './sandbox-requests.ts';

export interface RequestContext {
  readonly coordinator: Coordinator;
  readonly live: LiveState;
  readonly hardware: HardwareWatch;
  readonly queue: Pick<QueueHistoryKeeper, 'read'>;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly engines: Engines;
  readonly clock: Clock;
  readonly settings: SettingsAccess;
  readonly findEmulated: FindEmulated;
  readonly probe: Probe;
  readonly connectGitlabAdmin: ConnectGitlabAdmin;
  readonly readCertificate: ReadCertificate;
  readonly program: OwnProgram;
  readonly runnerOf: RunnerOf;
  /** What the doctor looks at of a stack; missing: this core knows of none. */
  readonly stackLook?: StackLookParts | undefined;
  readonly stack: StackDesk;
  readonly notices: NoticeDesk;
  readonly backups: BackupDesk;
  readonly updates: UpdateDesk;
  /** Earlier looks at restarts of the stack's containers, oldest first. */
  readonly restartLooks?: (() => readonly RestartLook[]) | undefined;
  readonly door: Door;
}

type Handlers = {
  readonly [N in CallName]: (input: ParsedInput<N>, context: RequestContext) => Promise<Output<N>>;
};

/** One handler per query and command. */
export const handlers: Handlers = {
  'status.show': async (_, { live }) => contract['status.show'].output.parse(live.current()),
  'snapshot.show': async (_, { live }) => live.current(),
  'machine.detect': (_, context) => showMachine(context),
  'doctor.run': runDoctor,
  'doctor.fix': fixFindings,
  'gpu.list': (_, context) => listGpus(context),
  'gpu.reserve': reserveGpu,
  'gpu.show': showGpu,
  'gpu.use': setGpuUse,
  'gpu.release': releaseGpu,
  'arch.list': (_, context) => listArchitectures(context),
  'arch.test': testArchitectures,
  'arch.enable': enableArchitecture,
  'arch.disable': disableArchitecture,
  'arch.ci': (_, context) => showArchFile(context),
  'engine.list': (_, context) => listEngines(context),
  'engine.show': showEngine,
  'engine.use': useEngine,
  'pool.list': async (_, { live }) => live.current().pools,
  'pool.show': showPool,
  'pool.add': addPool,
  'pool.set': setPool,
  'pool.ready': showReadyPools,
  'pool.prove': provePool,
  'pool.pause': pausePool,
  'pool.resume': resumePool,
  'pool.recover': recoverPool,
  'pool.remove': removePool,
  'pool.advice': showAdvice,
  'pool.apply-advice': applyAdvice,
  'pool.simulate': simulatePools,
  'runner.list': async ({ pool }, { live }) =>
    live.current().runners.filter((runner) => pool === undefined || runner.pool === pool),
  'job.list': async ({ status, project, limit }, { store, runnerOf }) =>
    store.jobs(limit, { status, project }).map((job) => renderJob(job, runnerOf)),
  'runner.show': showRunner,
  'runner.drain': drainRunner,
  'runner.remove': removeRunner,
  'gpu.history': gpuHistory,
  'machine.history': machineHistory,
  'queue.history': queueHistory,
  'job.show': showJob,
  'job.explain': explain,
  'job.cancel': cancelJob,
  'job.retry': retryJob,
  'issue.list': async (_, { live }) => live.current().issues,
  'audit.list': async ({ limit }, { store }) => [...store.auditLog(limit)],
  'notice.list': listNotices,
  'notice.read': readNotice,
  'notice.mute': muteNotices,
  'notice.act': actOnNotice,
  'notice.test': testNotice,
  'queue.refresh': async ({ dryRun }, { coordinator, live }) => {
    if (!dryRun) coordinator.refresh();
    return toOutcome([], dryRun, live.current().sentence);
  },
  'lab.drain': drainLab,
  'lab.teardown': ({ dryRun }, context) => askLab('teardown', dryRun, context),
  'lab.resume': ({ dryRun }, context) => resumeLab(dryRun, context),
  'lab.recover': recoverLab,
  'lab.objects': async (_, { coordinator }) => coordinator.objects(),
  'gitlab.connect': connectExisting,
  'names.show': (input, context) => showNames(input, namesContext(context)),
  'names.verify': (input, context) => verifyNames(input, namesContext(context)),
  'names.publish': (input, context) => publishNames(input, namesContext(context)),
  'diagnose.collect': (_, context) => collectDiagnosis(diagnoseSources(context)),
  'sandbox.start': startSandbox,
  'sandbox.stop': ({ dryRun }, context) => stopSandbox(dryRun, context),
  'sandbox.reset': ({ dryRun }, context) => resetSandbox(dryRun, context),
  'sandbox.seed': seedSandbox,
  'sandbox.status': (_, context) => showSandbox(context),
  'sandbox.access': (_, context) => showAccess(context),
  'stack.questions': (_, context) => showQuestions(context),
  'stack.plan': planRequest,
  'stack.up': upStack,
  'stack.status': (_, context) => showStack(context),
  'stack.restart': restartStack,
  'stack.down': downStack,
  'stack.destroy': destroyStack,
  'stack.secret': showSecret,
  'stack.code': (_, context) => showCode(context),
  'stack.set-secret': setSecret,
  'certificate.list': listCertificates,
  'certificate.check': checkCertificates,
  'certificate.renew': renewNow,
  'certificate.root': showRoot,
  'certificate.share': shareRoot,
  'certificate.providers': listAcmeProviders,
  'certificate.trust': trustRoot,
  'certificate.untrust': untrustRoot,
  'sso.show': showSso,
  'sso.test': testSso,
  'sso.providers': listSsoProviders,
  'sso.check': checkProvider,
  'directory.test': testDirectory,
  'user.list': listUsers,
  'user.add': addUser,
  'user.disable': disableUser,
  'user.enable': enableUser,
  'user.remove': removeUser,
  'user.reset': resetUser,
  'user.groups': changeGroups,
  'user.sync': syncUsers,
  ...backupHandlers,
  'setup.show': (_, context) => showSetup(context),
  'setup.keep': keepSetup,
  'setup.forget': forgetSetup,
  'settings.show': async (_, { settings }) => ({
    file: settings.file,
    settings: { ...settings.current() },
    problems: [...settings.problems()],
  }),
  'about.show': (_, context) => showAbout(context),
  'about.licences': listLicences,
  'update.status': (_, { updates }) => updates.status(),
  'update.check': checkUpdates,
  'update.download': downloadUpdate,
  'update.install': installUpdate,
  'settings.describe': describeAll,
  'settings.change': changeSetting,
  'settings.validate': async ({ text }, { settings }) => {
    const problems = await settings.check(text);
    return { valid: problems.length === 0, problems: [...problems] };
  },
};
