// What can be done with backups, each with its plan first.
import { awaySentence } from './backups.ts';
import type { Backup, BackupsShown } from './backups.ts';
import { keepFields, keepLabels, keepSentence } from './backup-rules.ts';
import type { Keep } from './backup-rules.ts';
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import { t } from '../language/strings.ts';

/** The first characters of an id, by which the command line takes it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** `targets`: only there; `null`: everywhere. */
export function backupNowDeed(order: BackupsShown['order'], targets: readonly string[] | null = null): Deed {
  const given = targets === null ? {} : { targets: [...targets] };
  return deedOf(
    {
      title:
        targets === null ? t('Back up now') : t('Back up to {{places}} now', { places: targets.join(', ') }),
      effect: t('Back up now'),
      note: awaySentence(order),
    },
    `backup create${targets === null ? '' : ` --targets ${targets.join(',')}`}`,
    (client, dryRun) => client.call('backup.create', { ...given, wait: false, dryRun }),
  );
}

export function verifyDeed(target: string): Deed {
  return deedOf(
    {
      title: t('Check the backups at {{place}}', { place: target }),
      effect: t('Check them'),
      note: t(
        'The repository is looked through, and a part of its data is read back: another part each time.',
      ),
    },
    `backup verify --targets ${target}`,
    (client, dryRun) => client.call('backup.verify', { targets: [target], wait: false, dryRun }),
  );
}

/** As an issue asks for it, which knows nothing of what a backup stops. */
export const backUpDeed: Deed = deedOf(
  { title: t('Back up now'), note: t('To every target. What was kept before stays.') },
  'backup create',
  (client, dryRun) => client.call('backup.create', { wait: false, dryRun }),
);

export const verifyAllDeed: Deed = deedOf(
  {
    title: t('Check the backups'),
    note: t(
      'Each repository is looked through, and a part of its data is read back: another part each time.',
    ),
  },
  'backup verify',
  (client, dryRun) => client.call('backup.verify', { wait: false, dryRun }),
);

export const proveNewestDeed: Deed = deedOf(
  {
    title: t('Prove the newest backup'),
    note: t('It is restored whole to a scratch folder and looked at there. Nothing of the lab is touched.'),
  },
  'backup drill',
  (client, dryRun) => client.call('backup.drill', { wait: false, dryRun }),
);

/** `target`: from there; `null`: from the first that has it. */
export function proveDeed({ id }: Pick<Backup, 'id'>, target: string | null = null): Deed {
  return deedOf(
    {
      title: t('Prove backup {{id}}', { id: shortId(id) }),
      effect: t('Prove it'),
      note: t('It is restored whole to a scratch folder and looked at there. Nothing of the lab is touched.'),
    },
    `backup drill ${shortId(id)}${target === null ? '' : ` --target ${target}`}`,
    (client, dryRun) =>
      client.call('backup.drill', {
        ...{ backup: id, wait: false, dryRun },
        ...(target === null ? {} : { target }),
      }),
  );
}

export const cancelRunDeed: Deed = deedOf(
  {
    title: t('Stop the run'),
    effect: t('Stop it'),
    note: t('What was kept before stays as it is. What was sent already is not sent again the next time.'),
  },
  'backup cancel',
  (client, dryRun) => client.call('backup.cancel', { dryRun }),
  true,
);

export function removeTargetDeed(name: string): Deed {
  return deedOf(
    {
      title: t('Keep no more backups at {{place}}', { place: name }),
      note: t(
        'What is there stays, and can be restored as long as you have the twelve words. Only this home forgets the place and its keys.',
      ),
    },
    `backup remove-target ${name}`,
    (client, dryRun) => client.call('backup.remove-target', { name, dryRun }),
    true,
  );
}

export interface ScheduleChange {
  readonly when?: string;
  readonly targets?: readonly string[];
  readonly on?: boolean;
}

export function setScheduleDeed(name: string, change: ScheduleChange, isNew: boolean): Deed {
  const { when, targets, on } = change;
  const line = [
    `backup schedule ${name}`,
    ...(when === undefined ? [] : [typed(when)]),
    ...(targets === undefined || targets.length === 0 ? [] : [`--targets ${targets.join(',')}`]),
    ...(on === undefined ? [] : [on ? '--on' : '--no-on']),
  ].join(' ');
  return deedOf(
    {
      title: isNew ? t('Add schedule {{name}}', { name }) : t('Change schedule {{name}}', { name }),
      effect: isNew ? t('Add it') : t('Change it'),
    },
    line,
    (client, dryRun) =>
      client.call('backup.schedule', {
        ...{ name, dryRun },
        ...(when === undefined ? {} : { when }),
        ...(on === undefined ? {} : { on }),
        ...(targets === undefined ? {} : { targets: [...targets] }),
      }),
  );
}

export function removeScheduleDeed(name: string): Deed {
  return deedOf(
    { title: t('Remove schedule {{name}}', { name }), note: t('Backups that it has made stay.') },
    `backup schedule ${name} --remove`,
    (client, dryRun) => client.call('backup.schedule', { name, remove: true, dryRun }),
    true,
  );
}

function ruleCommand(path: string, value: string | number | boolean): string {
  return `settings set backups.${path} ${typed(String(value))}`;
}

/** A rule of the settings below `backups`; the title says which. */
export function changeRuleDeed(path: string, title: string, value: string | number | boolean): Deed {
  return deedOf({ title, effect: t('Change it') }, ruleCommand(path, value), (client, dryRun) =>
    client.call('settings.change', { path: `backups.${path}`, value, dryRun }),
  );
}

/** Only the rules that are others; `null`: none is. */
export function changeKeepDeed(present: Keep, keep: Keep): Deed | null {
  const changed = keepFields.filter((field) => keep[field] !== present[field]);
  if (changed.length === 0) return null;
  return {
    ...{ title: t('Change how long backups are kept'), effect: t('Change it'), grave: false },
    note: [keepSentence(keep), t('What no rule keeps goes the next time that room is made.')].join(' '),
    steps: changed.map((field) => {
      const input = { path: `backups.keep.${field}`, value: keep[field] };
      return {
        words: `${keepLabels[field]}: ${keep[field]}`,
        preview: (client) => client.call('settings.change', { ...input, dryRun: true }),
        run: (client) => client.call('settings.change', { ...input, dryRun: false }),
      };
    }),
    commands: changed.map((field) => `autogit ${ruleCommand(`keep.${field}`, keep[field])}`),
  };
}

export const pruneDeed: Deed = deedOf(
  {
    title: t('Make room now'),
    effect: t('Forget what is no longer kept'),
    note: t(
      'Backups that no rule keeps go from every place, and their room is given back. Nothing goes where something is not sound.',
    ),
  },
  'backup prune --yes',
  (client, dryRun) => client.call('backup.prune', { wait: false, dryRun }),
  true,
);
