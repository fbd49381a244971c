// Every command of `autogit`: those of the contract and the few that only a command line has.
import { z } from 'zod';
import { contract, requestNames } from '../contract/contract.ts';
import { optionName } from '../contract/fields.ts';
import type { RequestName } from '../contract/contract.ts';
import type { CliForm } from '../contract/define.ts';
import { addTargetForm, findForm, planRestoreForm, restoreForm, testTargetForm } from './backup/forms.ts';
import { connectForm } from './gitlab-connect.ts';
import {
  certificateCheckForm,
  directoryTestForm,
  setSecretForm,
  ssoCheckForm,
  stackPlanForm,
  stackUpForm,
} from './stack/forms.ts';

export type OwnName = 'serve' | 'stop' | 'web' | 'demo' | 'completion';

export interface Command {
  readonly path: readonly string[];
  readonly summary: string;
  readonly input: z.ZodObject;
  readonly positional: readonly string[];
  readonly examples: readonly [string, string];
  /** Asks for `--yes`: always, or where this field is true. */
  readonly losesData: boolean | string;
  /** Takes `--yes`. */
  readonly asks: boolean;
  readonly does: { readonly request: RequestName } | { readonly own: OwnName };
}

export const serveInput = z.strictObject({
  port: z.int().min(1).max(65_535).optional().describe('port on 127.0.0.1 instead of a free one'),
});

export const webInput = z.strictObject({});

export const stopInput = z.strictObject({});

export const demoInput = z.strictObject({
  jobs: z.int().min(1).max(200).default(6).describe('number of jobs'),
  idle: z.int().min(1).max(3600).default(5).describe('seconds without a job after which a runner leaves'),
  keep: z.boolean().default(false).describe('leave the sandbox and the core running at the end'),
  runner: z.enum(['sandbox', 'official']).default('sandbox').describe('which runner program runs the jobs'),
});
export type DemoInput = z.infer<typeof demoInput>;

export const completionInput = z.strictObject({
  shell: z.enum(['bash', 'zsh']).describe('which shell'),
});

/** The command line reads the file itself: the core may run as another user, or elsewhere. */
export const validateInput = z.strictObject({
  file: z.string().min(1).optional().describe('file to check; without it, the one in force'),
});

/** With `fix` the command line sends `doctor.fix` after it. */
export const doctorForm = contract['doctor.run'].input.extend({
  fix: z.boolean().default(false).describe('mend what AutoGit can, once you agree'),
});

/** The core answers with the files; where they go the command line says. */
export const diagnoseForm = z.strictObject({
  out: z.string().min(1).max(4096).optional().describe('file to write, which must not be there yet'),
});

/** Where the command line takes something else than the request: a file in place of what is in it. */
const ownForms: Partial<Record<RequestName, Partial<Pick<Command, 'input' | 'positional' | 'examples'>>>> = {
  'settings.validate': {
    input: validateInput,
    positional: ['file'],
    examples: ['autogit settings validate', 'autogit settings validate new.yaml'],
  },
  'doctor.run': { input: doctorForm },
  'stack.plan': {
    input: stackPlanForm,
    examples: ['autogit stack plan --answers lab.yaml', 'autogit stack plan --out /tmp/lab --json'],
  },
  'stack.up': {
    input: stackUpForm,
    examples: ['autogit stack up --answers lab.yaml', 'autogit stack up --yes'],
  },
  'stack.set-secret': { input: setSecretForm },
  'directory.test': {
    input: directoryTestForm,
    examples: ['autogit directory test ana', 'autogit directory test --answers lab.yaml --password'],
  },
  'certificate.check': {
    input: certificateCheckForm,
    examples: ['autogit certificate check', 'autogit certificate check --answers lab.yaml'],
  },
  'sso.check': {
    input: ssoCheckForm,
    examples: ['autogit sso check', 'autogit sso check --answers lab.yaml --secret'],
  },
  'backup.add-target': {
    input: addTargetForm,
    examples: [
      'autogit backup add-target --kind folder --name nas --path /mnt/nas/lab',
      'autogit backup add-target --kind usb --name disk --label BACKUP --on-plug-in',
    ],
  },
  'backup.test-target': {
    input: testTargetForm,
    examples: [
      'autogit backup test-target --kind folder --name nas --path /mnt/nas/lab',
      'autogit backup test-target --kind folder --name nas --path /mnt/nas',
    ],
  },
  'backup.find': {
    input: findForm,
    examples: [
      'autogit backup find --kind folder --name nas --path /mnt/nas/lab --password',
      'autogit backup find --kind usb --name disk --label BACKUP --password --json',
    ],
  },
  'backup.plan-restore': { input: planRestoreForm },
  'backup.restore': { input: restoreForm },
  'gitlab.connect': { input: connectForm },
  'diagnose.collect': { input: diagnoseForm },
};

interface OwnDefinition {
  readonly summary: string;
  readonly input: z.ZodObject;
  readonly cli: CliForm;
}

const own: { readonly [N in OwnName]: OwnDefinition } = {
  demo: {
    summary: 'Watch the main job: jobs wait, runners appear, the jobs run, the runners go',
    input: demoInput,
    cli: { path: ['demo'], examples: ['autogit demo --jobs 20', 'autogit demo --keep'] },
  },
  serve: {
    summary: 'Run the core in the foreground, without a window',
    input: serveInput,
    cli: { path: ['serve'], examples: ['autogit serve', 'autogit serve --port 4800'] },
  },
  stop: {
    summary: 'End the core that runs with this home; runners go on',
    input: stopInput,
    cli: { path: ['stop'], examples: ['autogit stop', 'autogit stop --json'] },
  },
  web: {
    summary: 'Print the link that opens the web page of the running core and logs in',
    input: webInput,
    cli: { path: ['web'], examples: ['autogit web', 'xdg-open "$(autogit web)"'] },
  },
  completion: {
    summary: 'Print what makes a shell complete autogit commands',
    input: completionInput,
    cli: {
      path: ['completion'],
      positional: ['shell'],
      examples: ['source <(autogit completion bash)', 'source <(autogit completion zsh)'],
    },
  },
};

function ownCommand(name: OwnName): Command {
  const { summary, input, cli } = own[name];
  return {
    ...cli,
    summary,
    input,
    positional: cli.positional ?? [],
    losesData: false,
    asks: false,
    does: { own: name },
  };
}

function requestCommand(name: RequestName): Command {
  const definition = contract[name];
  const cli: CliForm = definition.cli;
  const form = {
    path: cli.path,
    summary: definition.summary,
    examples: cli.examples,
    does: { request: name },
  };
  const losesData = definition.kind === 'command' && definition.losesData;
  const asks = losesData !== false || name === 'stack.up' || name === 'doctor.run';
  const positional = cli.positional ?? [];
  return { ...form, input: definition.input, positional, ...ownForms[name], losesData, asks };
}

/** In the order in which help lists them. */
export const commands: readonly Command[] = [
  ownCommand('demo'),
  ownCommand('serve'),
  ownCommand('stop'),
  ownCommand('web'),
  ...requestNames.map(requestCommand),
  ownCommand('completion'),
];

/** The first words of all commands, each once. */
export const groups: readonly string[] = [...new Set(commands.map((command) => command.path[0] ?? ''))];

/** The commands that begin with a word. */
export function commandsOf(group: string): readonly Command[] {
  return commands.filter((command) => command.path[0] === group);
}

/** How messages name a field of a command: `--dry-run` or `<id>`. */
export function labelIn(command: Command): (field: string) => string {
  return (field) => {
    const [outer = field, ...inner] = field.split('.');
    const option = command.positional.includes(outer) ? `<${outer}>` : `--${optionName(outer)}`;
    return inner.length === 0 ? option : `${inner.join('.')} of ${option}`;
  };
}
