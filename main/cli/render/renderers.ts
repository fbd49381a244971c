// Which renderer shows which answer. The compiler asks for one per request of the contract.
import type { Output, RequestName } from '../../contract/contract.ts';
import { renderAbout, renderLicences } from './about.ts';
import { renderAdvice, renderSimulation } from './advice.ts';
import { renderArchCi, renderArchitectures, renderArchOutcome } from './arch.ts';
import { renderDiagnosis } from './diagnose.ts';
import { renderDoctor, renderFixes } from './doctor.ts';
import { renderEngine, renderEngines } from './engines.ts';
import { backupRenderers } from './backups.ts';
import { renderAudit } from './audit.ts';
import { renderGpuDetail } from './gpu-detail.ts';
import { renderGpus } from './gpus.ts';
import { renderEvent, renderExplanation, renderJob, renderJobs, renderLog } from './jobs.ts';
import {
  renderAccess,
  renderChange,
  renderIssues,
  renderNews,
  renderObjects,
  renderPools,
  renderRunners,
  renderSandbox,
  renderSnapshot,
  renderStatus,
} from './lab.ts';
import { renderConnected } from './gitlab.ts';
import { renderNames, renderPublished, renderVerifiedNames } from './names.ts';
import { renderMachine } from './machine.ts';
import { renderNoticeChange, renderNotices } from './notices.ts';
import { renderOutcome, renderPoolOutcome } from './outcome.ts';
import { renderPool, renderReadyPools, renderRunner } from './details.ts';
import { renderSettingList, renderSettings, renderValidation } from './settings.ts';
import { renderSetup } from './setup.ts';
import {
  renderStackCode,
  renderStackLog,
  renderStackSecrets,
  renderStackStatus,
  renderStackUp,
} from './stack.ts';
import { renderPlannedStack } from './stack-plan.ts';
import { renderProgress } from './stack-progress.ts';
import { renderStackQuestions } from './stack-questions.ts';
import { renderCertificateCheck, renderCertificates, renderRoot, renderShare } from './certificate.ts';
import { renderAcmeProviders } from './acme.ts';
import { renderTrust } from './trust.ts';
import { renderSso, renderSsoCheck, renderSsoProviders, renderSsoTest } from './sso.ts';
import { renderDirectoryTest } from './directory.ts';
import { renderUpdate, renderUpdateNews } from './updates.ts';
import { renderNewUser, renderResetUser, renderUsers } from './users.ts';
import type { View } from './text.ts';
import { renderGpuSample, renderHistory, renderMachineSample } from './watch.ts';

type Renderers = { readonly [N in RequestName]: (value: Output<N>, view: View) => string };

const renderers: Renderers = {
  'status.show': renderStatus,
  'snapshot.show': renderSnapshot,
  'snapshot.follow': renderChange,
  'snapshot.changes': renderNews,
  'machine.detect': renderMachine,
  'doctor.run': renderDoctor,
  'doctor.fix': renderFixes,
  'engine.list': renderEngines,
  'engine.show': renderEngine,
  'engine.use': renderOutcome,
  'pool.list': renderPools,
  'pool.show': renderPool,
  'pool.add': renderPoolOutcome,
  'pool.set': renderPoolOutcome,
  'pool.ready': renderReadyPools,
  'pool.prove': renderOutcome,
  'pool.pause': renderPoolOutcome,
  'pool.resume': renderPoolOutcome,
  'pool.recover': renderOutcome,
  'pool.remove': renderPoolOutcome,
  'pool.advice': renderAdvice,
  'pool.apply-advice': renderPoolOutcome,
  'pool.simulate': renderSimulation,
  'runner.list': renderRunners,
  'runner.show': renderRunner,
  'runner.drain': renderOutcome,
  'runner.remove': renderOutcome,
  'gpu.list': renderGpus,
  'gpu.reserve': renderPoolOutcome,
  'gpu.show': renderGpuDetail,
  'gpu.use': renderPoolOutcome,
  'gpu.release': renderPoolOutcome,
  'arch.list': renderArchitectures,
  'arch.test': renderArchOutcome,
  'arch.enable': renderArchOutcome,
  'arch.disable': renderArchOutcome,
  'arch.ci': renderArchCi,
  'notice.list': renderNotices,
  'notice.watch': renderNoticeChange,
  'notice.read': renderOutcome,
  'notice.mute': renderOutcome,
  'notice.act': renderOutcome,
  'notice.test': renderOutcome,
  'gpu.watch': renderGpuSample,
  'gpu.history': renderHistory,
  'machine.watch': renderMachineSample,
  'machine.history': renderHistory,
  'queue.history': renderHistory,
  'job.list': renderJobs,
  'job.show': renderJob,
  'job.explain': renderExplanation,
  'job.log': renderLog,
  'job.cancel': renderOutcome,
  'job.retry': renderOutcome,
  'events.follow': renderEvent,
  'issue.list': renderIssues,
  'audit.list': renderAudit,
  'queue.refresh': renderOutcome,
  'lab.drain': renderOutcome,
  'lab.resume': renderOutcome,
  'lab.recover': renderOutcome,
  'lab.teardown': renderOutcome,
  'lab.objects': renderObjects,
  'sandbox.start': renderOutcome,
  'sandbox.stop': renderOutcome,
  'sandbox.status': renderSandbox,
  'sandbox.access': renderAccess,
  'sandbox.reset': renderOutcome,
  'sandbox.seed': renderOutcome,
  'stack.questions': renderStackQuestions,
  'stack.plan': renderPlannedStack,
  'stack.up': renderStackUp,
  'stack.watch': renderProgress,
  'stack.status': renderStackStatus,
  'stack.logs': renderStackLog,
  'stack.restart': renderOutcome,
  'stack.down': renderOutcome,
  'stack.destroy': renderOutcome,
  'stack.secret': renderStackSecrets,
  'stack.code': renderStackCode,
  'stack.set-secret': renderOutcome,
  ...backupRenderers,
  'gitlab.connect': renderConnected,
  'certificate.list': renderCertificates,
  'certificate.check': renderCertificateCheck,
  'certificate.root': renderRoot,
  'certificate.share': renderShare,
  'certificate.providers': renderAcmeProviders,
  'certificate.trust': renderTrust,
  'sso.show': renderSso,
  'sso.test': renderSsoTest,
  'sso.providers': renderSsoProviders,
  'sso.check': renderSsoCheck,
  'directory.test': renderDirectoryTest,
  'user.list': renderUsers,
  'user.add': renderNewUser,
  'user.reset': renderResetUser,
  'certificate.renew': renderOutcome,
  'certificate.untrust': renderTrust,
  'user.disable': renderOutcome,
  'user.enable': renderOutcome,
  'user.remove': renderOutcome,
  'user.groups': renderOutcome,
  'user.sync': renderOutcome,
  'names.show': renderNames,
  'names.verify': renderVerifiedNames,
  'names.publish': renderPublished,
  'diagnose.collect': renderDiagnosis,
  'settings.show': renderSettings,
  'settings.validate': renderValidation,
  'setup.show': renderSetup,
  'setup.keep': renderOutcome,
  'setup.forget': renderOutcome,
  'about.show': renderAbout,
  'about.licences': renderLicences,
  'update.status': renderUpdate,
  'update.watch': renderUpdateNews,
  'update.check': renderOutcome,
  'update.download': renderOutcome,
  'update.install': renderOutcome,
  'settings.describe': renderSettingList,
  'settings.change': renderPoolOutcome,
};

/** An answer, or one item of a stream, as text that ends with a line feed. */
export function renderAnswer<N extends RequestName>(name: N, value: Output<N>, view: View): string {
  return renderers[name](value, view);
}
