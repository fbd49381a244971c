// The stack of a backup, read from its manifest before anything is fetched: its images, and where its data goes.
import { manifestName } from '../../model/backup/hostility.ts';
import { manifestSchema } from '../../model/backup/manifest.ts';
import type { BackedUpStack } from './restore-facts.ts';
import type { RestoreGround, RestoreWish } from './restore-ground.ts';

/** Far above any. Bytes. */
const mostManifest = 16 << 20;
/** A person waits for the plan. Milliseconds. */
const patienceMs = 60_000;

/**
 * `null`: nothing of a stack is restored to here, or the place does not answer now. The manifest is a stranger's word as long as
 * nothing was judged: the step `judge` looks again. Never rejects.
 */
export async function backedUpStack(
  { record, place, to, project }: RestoreWish,
  { restic, log }: Pick<RestoreGround, 'restic' | 'log'>,
): Promise<BackedUpStack | null> {
  if (to !== null || project !== null || record.gitlab !== 'stack') return null;
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
