// Whether GitLab still takes the token of a runner entry: one that was revoked or reset is replaced, once.
import { AutoGitError } from '../errors.ts';
import { secretName } from './context.ts';
import type { ActionForm, ApplyContext } from './context.ts';

/** A new entry whose token is refused as well is not replaced again before this time. Milliseconds. */
const onceMs = 3_600_000;

export const checkEntry: ActionForm<'check-entry'> = {
  kind: 'check-entry',
  group: 'gitlab',
  // It is asked while something is odd, which may last.
  pauseMs: 300_000,
  apply: async ({ pool }, context) => {
    const { secrets, store, clock } = context;
    const name = secretName.entryToken(pool);
    const token = secrets.get(name);
    if (token === null || (await context.gitlab().acceptsEntry(token)) || secrets.get(name) !== token) return;
    const note = `renewed.${pool}`;
    const renewedAt = store.noteOf(note);
    if (renewedAt !== null && clock.now() - renewedAt < onceMs) throw refused(pool);
    store.setNote(note, clock.now());
    context.log.warn(`GitLab refuses the token of pool ${pool}: its runner entry is made anew`);
    // The next plan makes another, and removes this one when nobody uses it any more.
    store.removeEntry(pool);
    letGo(pool, context);
  },
};

/** Runners with the old token get no job any more; one that has a job finishes it, one that is being started does not. */
function letGo(pool: string, { store }: ApplyContext): void {
  for (const record of store.liveRunners())
    if (record.pool === pool) store.updateRunner(record.id, { phase: 'draining' });
}

function refused(pool: string): AutoGitError {
  return new AutoGitError({
    key: 'pool.token-refused',
    message: `GitLab refuses the token of pool "${pool}", though its runner entry was made anew within the hour.`,
    next: 'Look who removes or resets runners at GitLab (Admin, CI/CD, Runners), then: autogit pool recover NAME',
    retry: true,
    fields: { pool },
  });
}
