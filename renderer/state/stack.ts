// The stack as its page shows it: how services stand, and what can be done with it.
import type { Output } from '../../main/contract/contract.ts';
import type { Deed } from './deeds.ts';
import { formatRoute } from './route.ts';
import type { Route } from './route.ts';
import { deedOf } from './row-deeds.ts';
import type { StateLook } from './tones.ts';
import { listed } from './words.ts';
import { t } from '../language/strings.ts';

export type StackStatus = Output<'stack.status'>;
export type StackService = StackStatus['services'][number];
export type StackSecret = Output<'stack.secret'>['secrets'][number];

const healthLooks: Readonly<Record<StackService['health'], StateLook>> = {
  none: { tone: 'success', sign: 'check', word: t('Runs') },
  starting: { tone: 'waiting', sign: 'starting', word: t('Starting') },
  healthy: { tone: 'success', sign: 'check', word: t('Healthy') },
  unhealthy: { tone: 'failed', sign: 'cross', word: t('Unhealthy') },
};

/** `isDown`: somebody took the stack down, so that nothing is amiss where nothing runs. */
export function serviceLook({ state, health, exitCode }: StackService, isDown: boolean): StateLook {
  switch (state) {
    case 'running':
      return healthLooks[health];
    case 'missing':
      return isDown
        ? { tone: 'idle', sign: 'idle', word: t('Down') }
        : { tone: 'failed', sign: 'cross', word: t('No container') };
    case 'created':
      return { tone: 'idle', sign: 'later', word: t('Not started') };
    case 'paused':
      return { tone: 'waiting', sign: 'stop', word: t('Paused') };
    case 'restarting':
      return { tone: 'failed', sign: 'starting', word: t('Restarting') };
    case 'removing':
      return { tone: 'idle', sign: 'leaving', word: t('Going') };
    case 'exited':
      return {
        tone: 'failed',
        sign: 'cross',
        word: exitCode === null ? t('Ended') : t('Ended with {{exitCode}}', { exitCode }),
      };
    case 'dead':
      return { tone: 'failed', sign: 'cross', word: t('Dead') };
  }
}

/** Restarts of which something should be known. */
export function isRestless({ restarts }: StackService): boolean {
  return (restarts ?? 0) > 2;
}

export type StackTab = 'services' | 'run' | 'about' | 'change';

export const stackTabs = [
  { name: 'services', words: t('Services') },
  { name: 'run', words: t('Last run') },
  { name: 'about', words: t('Details') },
  { name: 'change', words: t('Set-up') },
] as const satisfies readonly { readonly name: StackTab; readonly words: string }[];

export function stackTabOf(query: Readonly<Record<string, string>>): StackTab {
  return stackTabs.find(({ name }) => name === query['tab'])?.name ?? 'services';
}

export function stackTabHref(tab: StackTab): string {
  return formatRoute({ page: 'stack', query: { tab: tab === 'services' ? '' : tab } });
}

/**
 * Where the set-up is changed, with some answers put in already, such as another way to certificates. They stand in the
 * address, so a secret is never among them.
 */
export function changeRoute(answers: object = {}): Pick<Route, 'page' | 'query'> {
  const text = Object.keys(answers).length === 0 ? '' : JSON.stringify(answers);
  return { page: 'stack', query: { tab: 'change', answers: text } };
}

/** A run that began goes on by itself; the page shows how far it is. */
const wait = false;

/** `services`: none: all of them. */
export function restartDeed(services: readonly string[]): Deed {
  return deedOf(
    {
      title:
        services.length === 0
          ? t('Restart every service')
          : t('Restart {{services}}', { services: listed(services) }),
      note: t(
        'What restarts does not answer meanwhile; GitLab takes some minutes. Nothing is lost, and jobs that run go on.',
      ),
    },
    `stack restart${services.length === 0 ? '' : ` ${services.join(',')}`}`,
    (client, dryRun) =>
      client.call('stack.restart', {
        ...(services.length === 0 ? {} : { services: [...services] }),
        wait,
        dryRun,
      }),
  );
}

export const downDeed: Deed = deedOf(
  {
    title: t('Take the stack down'),
    effect: t('Take GitLab and all services down'),
    note: t('GitLab does not answer until it is brought up again. Files and data stay.'),
  },
  'stack down',
  (client, dryRun) => client.call('stack.down', { wait, dryRun }),
  true,
);

type Place = Pick<StackStatus, 'lab' | 'data'>;

/** Without its data, which an `up` with the same answers finds again; or with it, which nobody can bring back. */
export function destroyDeed({ lab, data }: Place, deleteData: boolean): Deed {
  const name = lab ?? '';
  return deedOf(
    deleteData
      ? {
          title: t('Delete the lab {{name}} with all its data', { name }),
          effect:
            data === null
              ? t('Delete all repositories and data in its folder for ever')
              : t('Delete all repositories and data in {{folder}} for ever', { folder: data }),
          note: t(
            'Repositories, databases, uploads and every secret are deleted. Nobody can bring them back.',
          ),
        }
      : {
          title: t('Remove the stack of {{name}}', { name }),
          effect: t('Remove it, keep its data'),
          note:
            data === null
              ? t(
                  'Data in its folder and secrets stay: setting the stack up again with the same answers finds them.',
                )
              : t(
                  'Data in {{folder}} and secrets stay: setting the stack up again with the same answers finds them.',
                  { folder: data },
                ),
        },
    deleteData ? 'stack destroy --delete-data --yes' : 'stack destroy',
    (client, dryRun) => client.call('stack.destroy', { deleteData, wait, dryRun }),
    true,
  );
}

const kindWords: Readonly<Record<StackSecret['kind'], string>> = {
  random: t('made here'),
  password: t('a password, made here'),
  'rsa-key': t('a key, made here'),
  'pbkdf2-of': t('made from another'),
  'argon2id-of': t('made from another'),
  asked: t('yours'),
};

export function secretWords({ kind, template }: StackSecret): string {
  return t('{{origin}}, for {{template}}', { origin: kindWords[kind], template });
}
