// What AutoGit renews of a stack while it runs: the certificate that is served, and its own token at GitLab.
import { AutoGitError } from '../../errors.ts';
import { servedFile } from '../../model/stack/made-files.ts';
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { ComposeProject } from '../../stack-ports.ts';
import { renewToken } from './admin-token.ts';
import { isEnding, keptAuthority, leafOf, leafState, newLeaf, rootOf } from './certificates.ts';
import { isStaging, placeOf, stackError } from './context.ts';
import type { StackTools } from './context.ts';
import { readOwn } from './own-certificate.ts';
import { removeOldPairs, servePair } from './serve-pair.ts';

/** The stack that stands, and what it is renewed with. */
export type RenewContext = Pick<
  StackTools,
  | 'secrets'
  | 'crypto'
  | 'clock'
  | 'readText'
  | 'folder'
  | 'journal'
  | 'compose'
  | 'connectAdmin'
  | 'home'
  | 'instance'
  | 'whyNotReady'
> & {
  readonly stack: RenderedStack;
  readonly project: ComposeProject;
  /** Fires when a run of the stack begins, or the core stops. */
  readonly signal?: AbortSignal;
  tell(news: { readonly message?: string }): void;
};

/**
 * True: another certificate is served from now on. `isAsked`: a person wants another one, also where none is due. Safe to
 * do again after a kill at any instant. Rejects with the errors of a certificate of the person's own, `stack.file-changed`, `stack.root-other`, `stack.layout-former`, and like the folder.
 */
export async function renewCertificate(context: RenewContext, isAsked = false): Promise<boolean> {
  const { stack, folder, journal } = context;
  const { tls } = stack.answers;
  const serving = { folder, journal, lab: stack.lab, wish: null };
  // What the last look left because Traefik might have been reading it.
  await removeOldPairs(serving);
  switch (tls.mode) {
    case 'local-ca': {
      if (waitsForUp(context, isAsked || (await leafState(context)).isDue)) return false;
      return servePair(await nextLeaf(context, isAsked), serving);
    }
    case 'own': {
      const { pair, root } = await readOwn(tls, context);
      if (root !== rootOf(stack, context.secrets)) throw otherRoot(tls.certificate);
      if (waitsForUp(context, true)) return false;
      return servePair(pair, serving);
    }
    case 'acme-dns':
    case 'acme-http':
      return false;
  }
}

/** Traefik as a version before has started it does not look for new pairs. Throws `stack.layout-former`. */
function waitsForUp({ stack, journal }: RenewContext, isDue: boolean): boolean {
  if (journal.written(stack.lab)[servedFile] !== undefined) return false;
  if (!isDue) return true;
  throw stackError(
    'stack.layout-former',
    'The stack was brought up by a version of AutoGit that could not yet change its certificate while it runs.',
    'Bring it up once with this version, which restarts Traefik: autogit stack up',
  );
}

async function nextLeaf(context: RenewContext, isAsked: boolean): ReturnType<typeof leafOf> {
  const authority = keptAuthority(context);
  if (authority === null || (await isEnding(authority, context)))
    throw stackError(
      'stack.root-other',
      authority === null
        ? "The lab's own authority is not among the secrets of this home."
        : "The lab's own root is about to end: another one is for every device to trust.",
      'Make another root when it suits: autogit stack up. Then every device has to trust it.',
    );
  return isAsked ? newLeaf(authority, context) : leafOf(authority, context);
}

function otherRoot(path: string): AutoGitError {
  return stackError(
    'stack.root-other',
    `The certificate ${path} leads to another root than the one before, which GitLab has to be told.`,
    'Take it up when a restart of GitLab suits: autogit stack up',
    { path },
  );
}

/**
 * True: AutoGit has another token from now on. Rejects with `gitlab.unreachable` (retry), `stack.token-refused`,
 * `stack.token-failed` and the errors of GitLab.
 */
export async function renewAccess(context: RenewContext): Promise<boolean> {
  const { stack, home, whyNotReady } = context;
  const hasGitlab = stack.services.some(({ name }) => name === 'gitlab');
  // The home's token is another GitLab's then: it is shown to nobody else.
  if (!hasGitlab || home.otherGitlab() !== null || isStaging(stack.answers.tls)) return false;
  const place = placeOf(context, rootOf);
  const why = await whyNotReady(place);
  if (why !== null)
    throw new AutoGitError({
      key: 'gitlab.unreachable',
      message: `GitLab cannot be asked about AutoGit's token: ${why}.`,
      next: 'See why: autogit stack status',
      retry: true,
    });
  return renewToken(place, context);
}
