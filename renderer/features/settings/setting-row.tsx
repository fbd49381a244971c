// One setting: its value to change, and below it the default, what a change leads to, its line and its command.
import { useEffect, useId, useRef, useState } from 'react';
import { formatRoute } from '../../state/route.ts';
import type { PageName } from '../../state/route.ts';
import { changeSettingDeed, settingCommand } from '../../state/settings-deeds.ts';
import type { NewValue } from '../../state/settings-deeds.ts';
import { defaultWords, draftOf, impactWords, meantBy, valueWords, wrongDraft } from '../../state/settings.ts';
import type { Setting } from '../../state/settings.ts';
import { useLab } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { SwitchControl } from './switch-control.tsx';
import styles from './settings.module.css';
import { t } from '../../language/strings.ts';

interface ControlProps {
  readonly setting: Setting;
  readonly blockedBy: string | null;
  /** Of what it does. */
  readonly aboutId: string;
  onAsk(value: NewValue): void;
}

function ChoiceControl({ setting, blockedBy, aboutId, onAsk }: ControlProps) {
  return (
    <select
      aria-label={setting.path}
      aria-describedby={aboutId}
      className={styles.input}
      disabled={blockedBy !== null}
      value={draftOf(setting)}
      onChange={({ target }) => onAsk(target.value === '' ? null : target.value)}
    >
      {setting.nullable && <option value="">{t('none')}</option>}
      {setting.choices.map((choice) => (
        <option key={choice}>{choice}</option>
      ))}
    </select>
  );
}

function TextControl({ setting, blockedBy, aboutId, onAsk }: ControlProps) {
  const present = draftOf(setting);
  const [typedText, setTyped] = useState<string | null>(null);
  const text = typedText ?? present;
  const wrong = wrongDraft(setting, text);
  const isOther = text.trim() !== present;
  const wrongId = useId();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isOther && wrong === null) onAsk(meantBy(setting, text));
      }}
    >
      <span className={styles.withUnit}>
        <input
          aria-label={setting.path}
          aria-describedby={wrong === null ? aboutId : `${wrongId} ${aboutId}`}
          aria-invalid={wrong !== null || undefined}
          className={styles.input}
          disabled={blockedBy !== null}
          placeholder={setting.nullable || setting.kind === 'list' ? t('none') : undefined}
          inputMode={
            setting.kind === 'integer' ? 'numeric' : setting.kind === 'number' ? 'decimal' : undefined
          }
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || typedText === null) return;
            event.preventDefault();
            setTyped(null);
          }}
        />
        {setting.unit !== null && <span className={styles.quiet}>{setting.unit}</span>}
      </span>
      {isOther && (
        <Button type="submit" look="primary" blockedBy={wrong}>
          {t('Change…')}
        </Button>
      )}
      {wrong !== null && (
        <span id={wrongId} className={styles.wrong} role="alert">
          {wrong}
        </span>
      )}
    </form>
  );
}

function isOfGroups({ kind, value, path }: Setting): boolean {
  return (
    kind === 'group' ||
    kind === 'map' ||
    path === 'pools' ||
    path === 'gpus.reserved' ||
    path === 'backups.targets' ||
    path === 'backups.schedules' ||
    (Array.isArray(value) && value.some((item) => typeof item === 'object'))
  );
}

interface RowProps {
  readonly setting: Setting;
  readonly seen: string;
  readonly blockedBy: string | null;
  readonly isOpen: boolean;
  /** Where what it is about is seen and done. */
  readonly place: readonly [page: PageName, words: string] | null;
}

function Control({ place, ...props }: ControlProps & Pick<RowProps, 'place'>) {
  const { setting, blockedBy, aboutId, onAsk } = props;
  if (setting.path.startsWith('pools.')) {
    return (
      <span className={styles.given}>
        {t('of each pool')} <a href={formatRoute({ page: 'pools' })}>{t('Open Pools')}</a>
      </span>
    );
  }
  if (!setting.applies)
    return <span className={styles.quiet}>{t('only while {{when}}', { when: setting.when ?? '' })}</span>;
  if (isOfGroups(setting)) {
    return (
      <span className={styles.given}>
        {valueWords(setting)}{' '}
        {place !== null && (
          <a href={formatRoute({ page: place[0] })}>{t('Open {{place}}', { place: place[1] })}</a>
        )}
      </span>
    );
  }
  if (setting.kind === 'boolean') {
    return (
      <SwitchControl
        label={setting.path}
        describedBy={aboutId}
        isOn={setting.value === true}
        isDisabled={blockedBy !== null}
        onChange={onAsk}
      />
    );
  }
  if (setting.kind === 'choice') return <ChoiceControl {...props} />;
  return <TextControl {...props} />;
}

function Details({ setting }: { readonly setting: Setting }) {
  const standard = defaultWords(setting);
  const { line, allowed, effect, impact, applies, path } = setting;
  const isOfPools = path.startsWith('pools.');
  return (
    <details className={styles.details}>
      <summary>
        <span>{standard === null ? t('Has to be given') : t('Default: {{standard}}', { standard })}</span>
        {!isOfPools && <span>{line === null ? t('not in the file') : t('line {{line}}', { line })}</span>}
        <span>{impactWords[impact]}</span>
      </summary>
      <dl className={styles.facts}>
        <dt>{t('Takes')}</dt>
        <dd>{allowed}</dd>
        <dt>{t('A change')}</dt>
        <dd>{effect}</dd>
      </dl>
      {applies && !isOfGroups(setting) && (
        <Command line={`autogit ${settingCommand(path, valueOf(setting), impact === 'data-loss')}`} />
      )}
    </details>
  );
}

/** For the line that is copied: the value that it has. */
function valueOf({ value }: Setting): NewValue {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

export function SettingRow({ setting, seen, blockedBy, isOpen, place }: RowProps) {
  const { deeds } = useLab();
  const row = useRef<HTMLLIElement>(null);
  const id = useId();
  const ask = (value: NewValue): void => deeds.ask(changeSettingDeed(setting, value, seen));
  useEffect(() => {
    if (isOpen) row.current?.scrollIntoView({ block: 'center' });
  }, [isOpen]);
  const canReset =
    !setting.isDefault && 'default' in setting && setting.path !== 'pools' && blockedBy === null;
  return (
    <li ref={row} className={styles.row} data-open={isOpen || undefined}>
      <div className={styles.what}>
        <p className={styles.path}>
          <code>{setting.path}</code>
          {!setting.isDefault && <span className={styles.changed}>{t('Changed')}</span>}
        </p>
        <p id={id}>{setting.description}</p>
        <Details setting={setting} />
      </div>
      <div className={styles.control}>
        <Control {...{ setting, blockedBy, place }} aboutId={id} onAsk={ask} />
        {canReset && (
          <Button look="bare" onClick={() => ask(null)}>
            {t('Back to the default')}
          </Button>
        )}
      </div>
    </li>
  );
}
