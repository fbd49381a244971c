// What the end of the set-up shows, gathered: the stack where there is one, its names, and secrets once they are asked for.
import { useMemo, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import { toCoreError } from '../../client.ts';
import type { CoreClient, CoreError } from '../../client.ts';
import { firstPasswords } from '../../state/setup-sheet.ts';
import type { Possessions } from '../../state/setup-sheet.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';

interface StackFacts {
  readonly status: Output<'stack.status'>;
  readonly places: Possessions['places'];
  /** First passwords that there are. */
  readonly secrets: readonly string[];
}

/** Without a stack nothing more is asked: there is nothing to say. */
async function askStack(client: CoreClient): Promise<StackFacts> {
  const status = await client.call('stack.status', {});
  if (status.lab === null) return { status, places: [], secrets: [] };
  const [{ plan }, { secrets }] = await Promise.all([
    client.call('stack.plan', {}),
    client.call('stack.secret', {}),
  ]);
  const isFirst = (name: string): boolean => firstPasswords.some(([one]) => one === name);
  return {
    status,
    places: (plan?.names ?? []).map(({ name, what }) => ({ name, what })),
    secrets: secrets.filter(({ name, isSet }) => isSet && isFirst(name)).map(({ name }) => name),
  };
}

/** A core without backups has nothing to say of them. */
async function askBackups(client: CoreClient): Promise<Possessions['backups']> {
  try {
    return await client.call('backup.show', {});
  } catch {
    return null;
  }
}

export interface PossessionsView {
  /** `null`: not known yet. */
  readonly have: Possessions | null;
  readonly error: CoreError | null;
  /** There are first passwords that can be shown. */
  readonly hasSecrets: boolean;
  /** Asks for the first passwords: from then on they are on the page and on the sheet. */
  show(): void;
}

export function usePossessions(): PossessionsView {
  const { client } = useLab();
  const gitlab = useSnapshot((snapshot) => snapshot.gitlab);
  const home = useSnapshot((snapshot) => snapshot.home);
  const { value, error } = useAnswer(askStack);
  const { value: backups } = useAnswer(askBackups);
  const [secrets, setSecrets] = useState<Possessions['secrets']>([]);
  const [failure, setFailure] = useState<CoreError | null>(null);
  const have = useMemo(
    (): Possessions | null =>
      gitlab === null || home === null || value === null
        ? null
        : {
            ...{ kind: gitlab.kind, home, secrets, backups, places: value.places },
            gitlabUrl: gitlab.url ?? value.status.gitlabUrl,
            status: value.status.lab === null ? null : value.status,
          },
    [gitlab, home, value, secrets, backups],
  );
  const ask = async (names: readonly string[]): Promise<Possessions['secrets']> =>
    Promise.all(
      names.map(async (name) => {
        const answer = await client.call('stack.secret', { name });
        const label = firstPasswords.find(([one]) => one === name)?.[1] ?? name;
        return { label, value: answer.value ?? '' };
      }),
    );
  return {
    ...{ have, error: error ?? failure, hasSecrets: (value?.secrets.length ?? 0) > 0 },
    show: () => {
      ask(value?.secrets ?? []).then(setSecrets, (thrown: unknown) => setFailure(toCoreError(thrown)));
    },
  };
}
