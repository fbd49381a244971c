// What a pretended core says of the stack.
import type { Output, ParsedInput, StopSignal, StreamName } from '../../main/contract/contract.ts';
import { stackPlanSchema, stackStatusSchema } from '../../main/contract/stack-fields.ts';
import { planStack } from '../../main/plan/stack/plan-stack.ts';
import { outcome } from './fake-pool-calls.ts';
import type { Calls } from './fake-pool-calls.ts';
import { noWish, nothingPresent, someAnswers, someStack } from './some-stack.ts';

type StackCall = Extract<keyof Calls, `stack.${string}`>;

const folder = '/home/somebody/autogit/stack/lab';

/** A plan of the first `up`, without anything that stands against it. */
export const somePlan: Output<'stack.up'>['plan'] & object = stackPlanSchema.parse(
  planStack({
    stack: { ...someStack, secrets: someStack.secrets.filter(({ kind }) => kind !== 'asked') },
    present: nothingPresent,
    ...{ folder, issues: [], wish: noWish },
  }),
);

export const someStatus: Output<'stack.status'> = stackStatusSchema.parse({
  ...{ state: 'up', sentence: 'The lab "lab" is up.', lab: 'lab', project: 'autogit-lab', folder },
  ...{ data: '/srv/lab', gitlabUrl: someStack.gitlabUrl, answers: someAnswers, run: null, isNew: false },
  services: [
    {
      ...{ service: 'gitlab', container: 'autogit-lab-gitlab-1', state: 'running', health: 'healthy' },
      ...{ exitCode: null, restarts: 0, since: 1_700_000_000_000, image: 'example/gitlab:1' },
    },
  ],
  last: { run: 1, verb: 'up', startedAt: 1_700_000_000_000, endedAt: 1_700_000_100_000, outcome: 'done' },
  certificate: { mode: 'local-ca', until: 1_800_000_000_000, root: `${folder}/ca.crt` },
});

export const someProgress: Output<'stack.watch'> = {
  ...{ run: 1, verb: 'up', step: 'runners', message: 'Everything is up.', pulls: [] },
  ...{ outcome: 'done', error: null },
};

/** Everything that is asked for is done at once. */
export const stackCalls: Pick<Calls, StackCall> = {
  'stack.questions': () => ({
    ...{ decisions: [], settings: [], presets: [], templates: [] },
    machine: { memoryGb: 8, threads: 4 },
  }),
  'stack.plan': ({ files }) => ({
    ...{ valid: true, problems: [], plan: somePlan, answers: someAnswers },
    services: someStack.services.map(({ name, image, template }) => ({ service: name, image, template })),
    ...(files ? { files: someStack.files.map(({ path, content }) => ({ path, content })) } : {}),
  }),
  'stack.up': ({ dryRun }) => ({
    ...outcome(dryRun, 'The lab is up.'),
    ...{ run: dryRun ? null : 1, plan: somePlan, gitlabUrl: someStack.gitlabUrl },
  }),
  'stack.status': () => someStatus,
  'stack.restart': ({ dryRun }) => ({ ...outcome(dryRun, 'Restarted.'), run: dryRun ? null : 1 }),
  'stack.down': ({ dryRun }) => ({ ...outcome(dryRun, 'It is down.'), run: dryRun ? null : 1 }),
  'stack.destroy': ({ dryRun }) => ({ ...outcome(dryRun, 'It is gone.'), run: dryRun ? null : 1 }),
  'stack.secret': ({ name }) => ({
    secrets: [
      {
        ...{ name: 'gitlab-root-password', label: "Password of GitLab's root", kind: 'password' },
        ...{ template: 'gitlab', isSet: true },
      },
    ],
    value: name === undefined ? null : 'a-pretended-password',
  }),
  'stack.code': () => ({
    ...{ code: 'ABCD2345', at: 1_700_000_000_000, recipient: 'admin <admin@lab.home.arpa>' },
    subject: 'Confirm your identity',
  }),
  'stack.set-secret': ({ name, dryRun }) => outcome(dryRun, `The secret "${name}" is set.`),
};

type StackStream = Extract<StreamName, `stack.${string}`>;
type Streams = {
  readonly [N in StackStream]: (input: ParsedInput<N>, stop: StopSignal) => AsyncIterable<Output<N>>;
};

export const stackStreams: Streams = {
  'stack.watch': async function* () {
    yield { ...someProgress, step: 'pull', message: 'Pulling 1 image', outcome: null };
    yield someProgress;
  },
  'stack.logs': async function* ({ service }) {
    yield { text: `${service ?? 'gitlab-1  | '}started\n` };
  },
};
