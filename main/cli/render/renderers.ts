// Which renderer shows which answer. The compiler asks for one per request of the contract.
import type { Output, RequestName } from '../../contract/contract.ts';
import { renderEngine, renderEngines } from './engines.ts';
import { renderAudit } from './audit.ts';
import { renderEvent, renderJobs, renderLog } from './jobs.ts';
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
import { renderOutcome } from './outcome.ts';
import { renderSettings, renderValidation } from './settings.ts';
import type { View } from './text.ts';

type Renderers = { readonly [N in RequestName]: (value: Output<N>, view: View) => string };

const renderers: Renderers = {
  'status.show': renderStatus,
  'snapshot.show': renderSnapshot,
  'snapshot.follow': renderChange,
  'snapshot.changes': renderNews,
  'engine.list': renderEngines,
  'engine.show': renderEngine,
  'engine.use': renderOutcome,
  'pool.list': renderPools,
  'runner.list': renderRunners,
  'job.list': renderJobs,
  'job.log': renderLog,
  'events.follow': renderEvent,
  'issue.list': renderIssues,
  'audit.list': renderAudit,
  'queue.refresh': renderOutcome,
  'lab.drain': renderOutcome,
  'lab.resume': renderOutcome,
  'lab.teardown': renderOutcome,
  'lab.objects': renderObjects,
  'sandbox.start': renderOutcome,
  'sandbox.stop': renderOutcome,
  'sandbox.status': renderSandbox,
  'sandbox.access': renderAccess,
  'sandbox.reset': renderOutcome,
  'sandbox.seed': renderOutcome,
  'settings.show': renderSettings,
  'settings.validate': renderValidation,
};

/** An answer, or one item of a stream, as text that ends with a line feed. */
export function renderAnswer<N extends RequestName>(name: N, value: Output<N>, view: View): string {
  return renderers[name](value, view);
}
