// The stack of a backup, read from its manifest before anything is fetched: its images, and where its data goes.
import { manifestName } from '../../model/backup/hostility.ts';
import { manifestSchema } from '../../model/backup/manifest.ts';
import type { BackedUpStack } from './restore-facts.ts';
import type { RestoreGround, RestoreWish } from './restore-ground.ts';

/** Far above any. Bytes. */
const mostManifest = 16 << 20;
/** A person waits for the plan. Milliseconds. */
const patienceMs = 60_000;

/** Whether something of a stack would be restored to here. */
function needsStack({ record, to, project }: RestoreWish): boolean {
  return to === null && project === null && record.gitlab === 'stack';
}

/** Whether GitLab's data would be, and `stack`, where that goes, is not known. */
export function isUnread(wish: RestoreWish, stack: BackedUpStack | null): boolean {
  return stack === null && needsStack(wish) && (wish.parts ?? wish.record.parts).includes('gitlab');
}

/**
 * `null`: nothing of a stack is restored to here, or the place does not answer now. The manifest is a stranger's word as long as
 * nothing was judged: the step `judge` looks again. Never rejects.
 */
export async function backedUpStack(
  wish: RestoreWish,
  { restic, log }: Pick<RestoreGround, 'restic' | 'log'>,
): Promise<BackedUpStack | null> {
  if (!needsStack(wish)) return null;
  const { record, place } = wish;
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const bytes = await restic.read(place, record.snapshot, manifestName, mostManifest, signal);
    if (bytes === null) return null;
    const { id, stack } = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return id === record.id ? stack : null;
  } catch (error) {
    log.info('the manifest of a backup cannot be read for its plan', { error });
    return null;
  }
}
