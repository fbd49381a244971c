// Which own roots programs in jobs are to trust, as a runner of either executor gives them to its jobs.
import { rootCertificates } from 'node:tls';
import type { WrittenGrant } from '../model/grant.ts';
import { ownRoots, trustEnvironment, trustFiles } from '../model/job-trust.ts';
import type { GitlabAddress } from '../model/world.ts';
import type { ContainerFile } from '../ports.ts';

type Env = Readonly<Record<string, string>>;
/** By the text: it is asked for in every pass. */
let last = { ca: '', roots: '' };

function ownOf(ca: string): string {
  if (last.ca !== ca) last = { ca, roots: ownRoots(ca, rootCertificates) };
  return last.roots;
}

/** Whether a PEM text has a root that is not public: of public ones jobs need not be told. */
export function hasOwnRoots(ca: string): boolean {
  return ownOf(ca) !== '';
}

type Trusted = Pick<GitlabAddress, 'ca' | 'trustInJobs'>;

/** PEM; `null`: there is none that is not public, or jobs are not to trust it. */
function rootsOf({ ca = null, trustInJobs = false }: Trusted): string | null {
  const roots = ca === null || !trustInJobs ? '' : ownOf(ca);
  return roots === '' ? null : roots;
}

/** Executor `image`: the gateway writes it into the containers of jobs. `env`: the pool's, which comes first. */
export function trustGrant(address: Trusted, env: Env): Pick<WrittenGrant, 'trust' | 'env'> {
  const trust = rootsOf(address);
  return trust === null ? {} : { trust, env: { ...trustEnvironment, ...env } };
}

/** Executor `container`: files of the runner's own container, and what its jobs have in their environment. */
export function trustInside(
  address: Trusted,
  env: Env,
): { readonly files: readonly ContainerFile[]; readonly env: Env } {
  const roots = rootsOf(address);
  if (roots === null) return { files: [], env };
  return { files: trustFiles(roots, rootCertificates), env: { ...trustEnvironment, ...env } };
}
