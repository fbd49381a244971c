// The first step: what was true when the plan was shown is asked again, before anything is touched.
import { AutoGitError } from '../../errors.ts';
import { heedStop } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';
import { requireDecided } from './files.ts';
import { keptSecret } from './inherited-secrets.ts';
import { portTaken } from './port-taken.ts';

/**
 * Changes nothing. Rejects with `stack.home-in-use`, `stack.grant-needed`, `stack.secret-asked`, `stack.file-changed`,
 * `stack.port-taken`, the errors of Compose's version, and with the key of the first finding that is an error.
 */
export const preflight: ApplyStep = async (context) => {
  context.tell({ message: 'Looking whether everything is as it was when the plan was made' });
  requireOwnHome(context);
  requireGrants(context);
  requireAsked(context);
  await requireDecided(context);
  await context.compose.version();
  heedStop(context.signal);
  await requireSound(context);
  const [taken] = await context.takenPorts(context.stack);
  if (taken !== undefined) throw portTaken(taken, context.stack);
};

function requireOwnHome({ home, stack }: StepContext): void {
  const other = home.otherGitlab();
  if (other === null) return;
  throw new AutoGitError({
    key: 'stack.home-in-use',
    message: `This home serves ${other} already; the stack of lab "${stack.lab}" would take its place.`,
    next: 'Give the stack a home of its own: AUTOGIT_HOME=~/autogit-lab autogit stack up …',
    fields: { other },
  });
}

function requireGrants({ stack }: StepContext): void {
  const wanted = stack.grants.find(({ given }) => !given);
  if (wanted === undefined) return;
  throw new AutoGitError({
    key: 'stack.grant-needed',
    message: `A template wants more than templates may have: ${wanted.grant}. ${wanted.why}`,
    next: `If you trust it with that, add the line "${wanted.grant}" to grants in the answers; otherwise leave the template out.`,
    fields: { grant: wanted.grant },
  });
}

/** Before anything is made: a person who has to look for a password should not come back to half a stack. */
function requireAsked(context: StepContext): void {
  const { stack } = context;
  const missing = stack.secrets.filter(
    ({ name, kind }) => kind === 'asked' && keptSecret(name, context) === null,
  );
  const [first] = missing;
  if (first === undefined) return;
  throw new AutoGitError({
    key: 'stack.secret-asked',
    message: `The stack needs what only you have: ${missing.map(({ label }) => label).join(', ')}.`,
    next: `Give it from standard input: autogit stack set-secret ${first.name} --lab ${stack.lab}`,
    fields: { names: missing.map(({ name }) => name).join(', ') },
  });
}

async function requireSound(context: StepContext): Promise<void> {
  const findings = await context.findings(context.stack);
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first, ...others] = errors;
  if (first === undefined) return;
  const more =
    others.length === 0
      ? ''
      : ` And ${others.length} more: ${others.map(({ message }) => message).join(' ')}`;
  throw new AutoGitError({ key: first.key, message: `${first.message}${more}`, next: first.next });
}
