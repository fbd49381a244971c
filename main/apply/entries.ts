// Runner entries at GitLab: one per pool, its token among the secrets.
import { entryDescription, entryTerms, sameScope } from '../model/pool.ts';
import { secretName } from './context.ts';
import type { ActionForm } from './context.ts';

export const writeEntry: ActionForm<'write-entry'> = {
  kind: 'write-entry',
  group: 'gitlab',
  apply: async ({ pool }, context) => {
    const gitlab = context.gitlab();
    const { name } = pool;
    const terms = entryTerms(pool);
    const gitlabUrl = context.gitlabKey();
    const known = context.store
      .entries()
      .find((entry) => entry.pool === name && entry.gitlabUrl === gitlabUrl && sameScope(entry, pool));
    const hasToken = context.secrets.get(secretName.entryToken(name)) !== null;
    if (known !== undefined && hasToken && (await gitlab.updateEntry(known.entryId, terms))) {
      context.store.saveEntry({ ...known, ...terms });
      return;
    }
    const made = await gitlab.createEntry({
      description: entryDescription(context.instance, name),
      ...terms,
    });
    await context.secrets.set(secretName.entryToken(name), made.token);
    context.store.saveEntry({ pool: name, gitlabUrl, entryId: made.id, ...terms });
  },
};

export const removeEntry: ActionForm<'remove-entry'> = {
  kind: 'remove-entry',
  group: 'gitlab',
  apply: async ({ entryId, pool }, context) => {
    await context.gitlab().removeEntry(entryId);
    if (pool === null) return;
    context.store.removeEntry(pool);
    await context.secrets.remove(secretName.entryToken(pool));
  },
};
