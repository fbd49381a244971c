// The code that Authelia asks for before somebody changes their second factor, where no mail brings it.
import { projectOf } from '../../apply/stack/context.ts';
import type { Output } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import { readWrittenMessage } from '../../model/stack/sign-in-code.ts';
import type { WrittenMessage } from '../../model/stack/sign-in-code.ts';
import type { RequestContext } from '../requests.ts';
import { requireService } from './require-service.ts';

type Context = Pick<RequestContext, 'stack' | 'store' | 'clock' | 'door'>;

const service = 'authelia';
/** The file of its notifier; only its container may read it for sure. */
const file = '/data/notification.txt';
/** Milliseconds. */
const deadlineMs = 15_000;

function sentByMail(): AutoGitError {
  return new AutoGitError({
    key: 'stack.code-by-mail',
    message: 'Authelia sends its codes by mail.',
    next: 'Look into the mailbox of the person. If none came: autogit stack logs authelia',
  });
}

function noCode(found: WrittenMessage | null): AutoGitError {
  return new AutoGitError({
    key: 'stack.code-none',
    message:
      found === null
        ? 'Authelia has written no code yet.'
        : `The newest message of Authelia, "${found.subject}", has no code in it.`,
    next: "On Authelia's page choose to register a device: it writes a code, and asks for it. Then: autogit stack code",
  });
}

/**
 * `stack.code`. Whoever is shown one stands in the audit. Rejects with `stack.none`, `stack.service-unknown`,
 * `stack.code-by-mail`, `stack.code-none`, and the errors of Compose.
 */
export async function showCode({ stack: desk, store, clock, door }: Context): Promise<Output<'stack.code'>> {
  const answers = desk.requireCurrent();
  requireService(service, desk, answers);
  if (answers.templates['mail'] !== undefined) throw sentByMail();
  const project = projectOf(answers.lab, desk);
  const { code: exit, stdout } = await desk.compose.exec(project, service, ['cat', file], '', deadlineMs);
  // `cat` ends so where there is no file yet.
  const found = exit === 0 ? readWrittenMessage(stdout) : null;
  if (found === null || found.code === null) throw noCode(found);
  const { at, code, recipient, subject } = found;
  store.audit({ at: clock.now(), door, request: 'stack.code', outcome: `shown, for ${recipient}` });
  return { at, code, recipient, subject };
}
