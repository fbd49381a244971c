// A pretended installation for the set-up: AutoGit's own questions and plans, and a run that goes on when a test says so.
import type { Output, StopSignal } from '../../main/contract/contract.ts';
import { stackPlanSchema } from '../../main/contract/stack-fields.ts';
import { planStack } from '../../main/plan/stack/plan-stack.ts';
import { stackQuestions } from '../../main/templates/questions.ts';
import { readAnswers } from '../../main/templates/read-answers.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import { outcome } from './fake-pool-calls.ts';
import type { Calls } from './fake-pool-calls.ts';
import type { FakeStreams } from './fake-core.ts';
import { someProgress, someStatus } from './fake-stack-calls.ts';
import { noWish, nothingPresent } from './some-stack.ts';
import { bundledTemplates, someFacts } from './stack-templates.ts';

type Progress = Output<'stack.watch'>;
type StackCall = 'stack.questions' | 'stack.plan' | 'stack.up' | 'stack.status' | 'stack.set-secret';

export interface FakeInstall {
  readonly calls: Pick<Calls, StackCall>;
  readonly streams: Pick<FakeStreams, 'stack.watch'>;
  /** Goes on with the run. */
  tell(progress: Partial<Progress>): void;
}

const templates = bundledTemplates();
const facts = someFacts();
const noStatus: Output<'stack.status'> = {
  ...{ state: 'none', sentence: 'There is no stack.', lab: null, project: null, folder: null, data: null },
  ...{ gitlabUrl: null, answers: null, services: [], run: null, last: null, certificate: null, isNew: false },
};

export function createFakeInstall(): FakeInstall {
  const given = new Set<string>();
  const listeners = new Set<() => void>();
  let progress: Progress | null = null;
  const tell = (change: Partial<Progress>): void => {
    progress = { ...someProgress, outcome: null, pulls: [], ...progress, ...change };
    for (const listener of listeners) listener();
  };
  const changed = (stop: StopSignal): Promise<void> =>
    new Promise((resolve) => {
      const finish = (): void => {
        listeners.delete(finish);
        resolve();
      };
      listeners.add(finish);
      stop.addEventListener('abort', finish);
    });
  const planOf = (raw: unknown): Output<'stack.plan'> => {
    const nothing = { valid: false, plan: null, answers: null, services: [] };
    const read = readAnswers(raw);
    if (!read.ok) return { ...nothing, problems: [...read.problems] };
    const rendering = renderStack({ templates, answers: read.answers, facts });
    if (!rendering.ok) return { ...nothing, problems: [...rendering.problems] };
    const { stack } = rendering;
    const plan = planStack({
      ...{ stack, wish: noWish, issues: [] },
      ...{
        present: { ...nothingPresent, secrets: [...given] },
        folder: `/home/somebody/autogit/stack/${stack.lab}`,
      },
    });
    return {
      ...{
        valid: true,
        problems: [],
        plan: stackPlanSchema.parse(plan),
        answers: structuredClone(read.answers),
      },
      services: stack.services.map(({ name, image, template }) => ({ service: name, image, template })),
    };
  };
  const isDone = (): boolean => progress?.outcome === 'done';
  return {
    tell,
    calls: {
      'stack.questions': () => stackQuestions(templates, facts),
      'stack.plan': ({ answers }) =>
        planOf(answers ?? { lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } }),
      'stack.up': ({ answers, dryRun }) => {
        const { plan } = planOf(answers);
        if (!dryRun)
          tell({ step: 'preflight', message: 'Looking at the machine', outcome: null, error: null });
        return {
          ...outcome(dryRun, 'It has begun.'),
          run: dryRun ? null : 1,
          plan,
          gitlabUrl: plan?.gitlabUrl ?? null,
        };
      },
      'stack.status': () => (isDone() ? someStatus : { ...noStatus, run: progress }),
      'stack.set-secret': ({ name, dryRun }) => {
        if (!dryRun) given.add(name);
        return outcome(dryRun, `The secret "${name}" is set.`);
      },
    },
    streams: {
      'stack.watch': async function* (_input, stop) {
        while (!stop.aborted && progress !== null) {
          const change = changed(stop);
          yield progress;
          if (progress.outcome !== null) return;
          await change;
        }
      },
    },
  };
}
