// What is shown, and when: a switch for each kind, quiet hours, whose failed jobs, and how soon waiting jobs count.
import { useCallback, useState } from 'react';
import type { NoticeSettings, SpikeLevel } from '../../../main/model/notice-settings.ts';
import type { CoreClient } from '../../client.ts';
import { kindWords, readNoticeSettings, switchedKinds } from '../../state/notices.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useTry } from '../../state/use-try.ts';
import { Choice } from '../../ui/choice.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Field, TextField } from '../../ui/field.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { Switch } from '../../ui/switch.tsx';
import styles from './notifications.module.css';
import { t } from '../../language/strings.ts';

const askSettings = (client: CoreClient) => client.call('settings.show', {});

const spikeWords: Readonly<Record<SpikeLevel, string>> = {
  calm: t('Told from 30 waiting jobs on, and at three times the usual.'),
  normal: t('Told from 10 waiting jobs on, and at twice the usual.'),
  keen: t('Told from 5 waiting jobs on, and at one and a half times the usual.'),
};

type Change = (path: string, value: string | boolean | null) => void;

interface PartProps {
  readonly settings: NoticeSettings;
  readonly isBusy: boolean;
  readonly change: Change;
}

/** Everything here is a setting, and changed at once. */
export function NoticeSwitches() {
  const { value, error, again } = useAnswer(askSettings);
  const { tryIt, error: refused, isTrying } = useTry<null>();
  const change = useCallback<Change>(
    (path, next) => {
      void tryIt(async (client) => {
        await client.call('settings.change', { path: `notices.${path}`, value: next });
        return null;
      }).then(again);
    },
    [tryIt, again],
  );
  const settings = value === null ? null : readNoticeSettings(value.settings);
  const problem = refused ?? error;
  return (
    <Section title={t('What is shown')}>
      {problem !== null && <ErrorNote problem={problem} />}
      {settings === null ? (
        problem === null && <Skeleton what={t('the settings')} rows={8} />
      ) : (
        <div className={styles.settings}>
          <Kinds settings={settings} isBusy={isTrying} change={change} />
          <QuietHours settings={settings} isBusy={isTrying} change={change} />
          <WhoseJobs settings={settings} change={change} />
          <Spike settings={settings} change={change} />
          <Command line="autogit settings list notices" />
        </div>
      )}
    </Section>
  );
}

function Kinds({ settings, isBusy, change }: PartProps) {
  return (
    <fieldset className={styles.part}>
      <legend>{t('Kinds')}</legend>
      <p className={styles.quiet}>{t('What is off still stands in the history.')}</p>
      {switchedKinds.map((kind) => {
        const [name, about] = kindWords[kind];
        return (
          <Switch
            key={kind}
            label={name}
            help={about}
            isOn={settings.kinds[kind]}
            isBusy={isBusy}
            onTurn={(isOn) => change(`kinds.${kind}`, isOn)}
          />
        );
      })}
    </fieldset>
  );
}

function QuietHours({ settings, isBusy, change }: PartProps) {
  const { on, from, to } = settings.quietHours;
  return (
    <fieldset className={styles.part}>
      <legend>{t('Quiet hours')}</legend>
      <Switch
        label={t('Stay quiet at night')}
        help={t('What still goes on when they end is shown then.')}
        isOn={on}
        isBusy={isBusy}
        onTurn={(isOn) => change('quietHours.on', isOn)}
      />
      {on && (
        <div className={styles.hours}>
          <TimeField
            key={`from ${from}`}
            label={t('From')}
            value={from}
            onSet={(time) => change('quietHours.from', time)}
          />
          <TimeField
            key={`to ${to}`}
            label={t('To')}
            value={to}
            onSet={(time) => change('quietHours.to', time)}
          />
        </div>
      )}
    </fieldset>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  onSet(value: string): void;
}

/** Taken when it is left: typing goes through times that nobody means. */
function TimeField({ label, value, onSet }: TimeFieldProps) {
  const [time, setTime] = useState(value);
  return (
    <Field name={label} label={label}>
      {(control) => (
        <input
          {...control}
          type="time"
          value={time}
          onChange={({ target }) => setTime(target.value)}
          onBlur={() => {
            if (time !== value && time !== '') onSet(time);
          }}
        />
      )}
    </Field>
  );
}

function WhoseJobs({ settings, change }: Omit<PartProps, 'isBusy'>) {
  const { jobs, person } = settings;
  const [name, setName] = useState(person ?? '');
  return (
    <fieldset className={styles.part}>
      <legend>{t('Failed jobs of')}</legend>
      <Choice
        label={t('Whose failed jobs are told')}
        value={jobs}
        options={[
          { value: 'all', words: t('Everybody') },
          { value: 'mine', words: t('One person') },
        ]}
        onChoose={(value) => change('jobs', value)}
      />
      {jobs === 'mine' && (
        <form
          onBlur={() => {
            if (name.trim() !== (person ?? '')) change('person', name.trim() === '' ? null : name.trim());
          }}
          onSubmit={(event) => event.preventDefault()}
        >
          <TextField
            name="person"
            label={t('Name at GitLab')}
            help={t('Empty: whoever gave AutoGit its token.')}
            value={name}
            onChange={setName}
          />
        </form>
      )}
    </fieldset>
  );
}

function Spike({ settings, change }: Omit<PartProps, 'isBusy'>) {
  return (
    <fieldset className={styles.part}>
      <legend>{t('A job spike')}</legend>
      <Choice
        label={t('How soon waiting jobs count as a spike')}
        value={settings.spike}
        options={[
          { value: 'calm', words: t('Calm') },
          { value: 'normal', words: t('Normal') },
          { value: 'keen', words: t('Keen') },
        ]}
        onChoose={(value) => change('spike', value)}
      />
      <p className={styles.quiet}>
        {t('{{spikeWord}} What is usual at each hour of the week is learned.', {
          spikeWord: spikeWords[settings.spike],
        })}
      </p>
    </fieldset>
  );
}
