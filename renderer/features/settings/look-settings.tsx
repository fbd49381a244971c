// How this browser or desktop shows the page: kept here and applied at once, with no plan, because nothing of the lab changes.
import { useEffect, useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { DesktopFacts } from '../../../main/contract/bridge.ts';
import { toCoreError } from '../../client.ts';
import type { CoreError } from '../../client.ts';
import { desktop } from '../../state/desktop.ts';
import { isLocale, motions, textSizes, themes } from '../../state/look.ts';
import type { Look } from '../../state/look.ts';
import { looks, useLook } from '../../state/use-look.ts';
import { Choice } from '../../ui/choice.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { exactTime } from '../../ui/time.tsx';
import { numeral } from '../../language/locale.ts';
import { SwitchControl } from './switch-control.tsx';
import styles from './settings.module.css';
import { t } from '../../language/strings.ts';

/** By which the part is found when somebody searches. */
export const lookText = t(
  'look theme dark light system text size zoom motion animation language locale dates numbers start at login desktop',
);

const themeWords = { system: t('As the system'), light: t('Light'), dark: t('Dark') } as const;
const motionWords = { system: t('As the system'), reduced: t('Reduced') } as const;

/** Languages in which dates and numbers are often written; any other tag can be typed. */
const languages = [
  ...['en-GB', 'en-US', 'de-DE', 'de-AT', 'de-CH', 'fr-FR', 'es-ES', 'it-IT', 'nl-NL', 'pl-PL', 'pt-BR'],
  ...['sv-SE', 'cs-CZ', 'tr-TR', 'uk-UA', 'ja-JP', 'ko-KR', 'zh-CN', 'hi-IN', 'ar-EG', 'he-IL'],
];

interface RowProps {
  readonly title: string;
  readonly about: string;
  readonly aboutId?: string;
  readonly children: ReactNode;
}

function Row({ title, about, aboutId, children }: RowProps) {
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <p className={styles.path}>{title}</p>
        <p id={aboutId}>{about}</p>
      </div>
      <div className={styles.control}>{children}</div>
    </li>
  );
}

/** The name of a language in that language. */
function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}

function Language({ look }: { readonly look: Look }) {
  const known = look.locale === '' || languages.includes(look.locale);
  return (
    <select
      aria-label={t('Dates and numbers')}
      className={styles.input}
      value={look.locale}
      onChange={({ target }) => {
        if (target.value === '' || isLocale(target.value)) looks.change({ locale: target.value });
      }}
    >
      <option value="">{t('As the browser ({{language}})', { language: navigator.language })}</option>
      {[...languages, ...(known ? [] : [look.locale])].map((tag) => (
        <option key={tag} value={tag}>
          {nameOf(tag)}
        </option>
      ))}
    </select>
  );
}

/** Only where a desktop is around the page, and that can do it. */
function StartAtLogin() {
  const [facts, setFacts] = useState<DesktopFacts | null>(null);
  const [problem, setProblem] = useState<CoreError | null>(null);
  const id = useId();
  const turn = async (on: boolean): Promise<void> => {
    try {
      if (desktop !== null) setFacts(await desktop.startAtLogin(on));
      setProblem(null);
    } catch (error) {
      setProblem(toCoreError(error));
    }
  };
  useEffect(() => {
    desktop?.show().then(setFacts, (error: unknown) => setProblem(toCoreError(error)));
  }, []);
  if (facts === null || facts.startAtLogin === 'unavailable')
    return problem && <ErrorNote problem={problem} />;
  return (
    <Row
      title={t('Start at login')}
      about={t('AutoGit starts in the tray when you log in, without its window.')}
      aboutId={id}
    >
      <SwitchControl
        label={t('Start at login')}
        describedBy={id}
        isOn={facts.startAtLogin === 'on'}
        onChange={(on) => void turn(on)}
      />
      {problem !== null && <ErrorNote problem={problem} />}
    </Row>
  );
}

const sizeOf = (text: string): (typeof textSizes)[number] => textSizes.find((size) => size === text) ?? '100';

function SizeOfText({ look }: { readonly look: Look }) {
  return (
    <select
      aria-label={t('Size of text')}
      className={styles.input}
      value={look.text}
      onChange={({ target }) => looks.change({ text: sizeOf(target.value) })}
    >
      {textSizes.map((size) => (
        <option key={size} value={size}>
          {size} %
        </option>
      ))}
    </select>
  );
}

export function LookSettings() {
  const look = useLook();
  const [now] = useState(() => Date.now());
  const where = desktop === null ? t('This browser') : t('This desktop');
  return (
    <section className={styles.group} aria-label={where}>
      <header className={styles.groupHead}>
        <div>
          <h2>{where}</h2>
          <p className={styles.quiet}>
            {t('How the page looks here. Kept here, applied at once; nothing of the lab changes.')}
          </p>
        </div>
      </header>
      <ul className={styles.rows}>
        <Row title={t('Theme')} about={t('Light or dark.')}>
          <Choice
            label={t('Theme')}
            options={themes.map((value) => ({ value, words: themeWords[value] }))}
            value={look.theme}
            onChoose={(theme) => looks.change({ theme })}
          />
        </Row>
        <Row
          title={t('Size of text')}
          about={t('Everything grows with it, and lists and forms take the room that is left.')}
        >
          <SizeOfText look={look} />
        </Row>
        <Row title={t('Motion')} about={t('Small movements that show where something came from.')}>
          <Choice
            label={t('Motion')}
            options={motions.map((value) => ({ value, words: motionWords[value] }))}
            value={look.motion}
            onChoose={(motion) => looks.change({ motion })}
          />
        </Row>
        <Row
          title={t('Dates and numbers')}
          about={t('As people write them there: {{exactTime}}; {{number}}. Words stay English.', {
            exactTime: exactTime(now),
            number: numeral(12_345.6),
          })}
        >
          <Language look={look} />
        </Row>
        {desktop !== null && <StartAtLogin />}
      </ul>
    </section>
  );
}
