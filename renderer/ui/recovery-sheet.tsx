// The frame of a sheet that somebody keeps for a bad day: printed, saved or copied here, and sent nowhere.
import { Copy, Download, Eye, EyeOff, Printer } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { dateFormat } from '../language/locale.ts';
import { sheetText } from '../state/sheet.ts';
import type { SheetSection } from '../state/sheet.ts';
import { useLab } from '../state/use-live.ts';
import { Button } from './button.tsx';
import { Section } from './page.tsx';
import { QrCode } from './qr-code.tsx';
import styles from './recovery-sheet.module.css';
import { saveText } from './save-text.ts';
import { t } from '../language/strings.ts';

/** A code on the sheet; `rows` as the core gives them, '1' for dark. */
interface SheetCode {
  readonly rows: readonly string[];
  /** What it holds, for those who do not see it. */
  readonly label: string;
  /** Hidden on the page as secret rows are. */
  readonly secret?: boolean;
}

interface Sheet {
  readonly title: string;
  readonly sections: readonly SheetSection[];
  readonly qr?: SheetCode;
}

interface RecoverySheetProps extends Sheet {
  /** What it is for and where it goes, above it. */
  readonly introduction: ReactNode;
  /** Of the file that it is saved as. */
  readonly fileName?: string;
}

const moment = dateFormat({ dateStyle: 'medium', timeStyle: 'short' });

interface SheetBodyProps extends Sheet {
  readonly made: string;
  readonly hidesSecrets: boolean;
}

/** Of numbered words it is said once, above them. */
function Hidden({ isSaid }: { readonly isSaid: boolean }) {
  return (
    <>
      <span aria-hidden>••••••••</span>
      {isSaid && <> {t('(hidden)')}</>}
    </>
  );
}

function SheetBody({ title, made, sections, qr, hidesSecrets }: SheetBodyProps) {
  return (
    <>
      <h3 className={styles.title}>{t('AutoGit: {{title}}', { title })}</h3>
      <p className={styles.made}>{t('Made {{moment}}', { moment: made })}</p>
      {sections
        .filter(({ rows }) => rows.length > 0)
        .map(({ title: name, rows, isNumbered = false, isTyped = false }) => (
          <div
            key={name}
            className={styles.part}
            data-numbered={isNumbered || undefined}
            data-typed={isTyped || undefined}
          >
            <h4>
              {name}
              {isNumbered && hidesSecrets && rows.some(({ secret }) => secret === true) && (
                <> {t('(hidden)')}</>
              )}
            </h4>
            {rows.map(({ label, value, secret = false }) => (
              <p
                key={`${label} ${value}`}
                className={styles.row}
                data-sentence={label === undefined || undefined}
                aria-hidden={(isNumbered && secret && hidesSecrets) || undefined}
              >
                {label !== undefined && <span className={styles.label}>{label}</span>}
                <span className={styles.value}>
                  {secret && hidesSecrets ? <Hidden isSaid={!isNumbered} /> : value}
                </span>
              </p>
            ))}
          </div>
        ))}
      {qr !== undefined && !(qr.secret === true && hidesSecrets) && (
        <QrCode rows={qr.rows} label={qr.label} />
      )}
    </>
  );
}

/** The sheet as it stands, with the ways to take it along. On paper it stands alone, with everything on it. */
export function RecoverySheet(props: RecoverySheetProps) {
  const { introduction, fileName = 'autogit-recovery-sheet.txt', ...sheet } = props;
  const { title, sections, qr } = sheet;
  const { session } = useLab();
  const [copied, setCopied] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [made] = useState(() => moment.format(Date.now()));
  const hasSecrets =
    qr?.secret === true || sections.some(({ rows }) => rows.some(({ secret }) => secret === true));
  const text = sheetText(title, made, sections);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(t('Copied.')),
      () => setCopied(t('The browser does not allow it.')),
    );
  };
  return (
    <Section title={title}>
      <p className={styles.introduction}>{introduction}</p>
      <div className={styles.sheet} role="group" tabIndex={0} aria-label={title}>
        <SheetBody {...sheet} made={made} hidesSecrets={!isOpen} />
      </div>
      {createPortal(
        <div className={styles.paper}>
          <SheetBody {...sheet} made={made} hidesSecrets={false} />
        </div>,
        document.body,
      )}
      <div className={styles.ways}>
        <Button icon={Printer} onClick={() => window.print()}>
          {session === null ? t('Print, or save as PDF') : t('Print')}
        </Button>
        {/* The desktop's window saves nothing, and prints to a file instead. */}
        {session !== null && (
          <Button icon={Download} onClick={() => saveText(fileName, text)}>
            {t('Save as a file')}
          </Button>
        )}
        <Button icon={Copy} onClick={copy}>
          {t('Copy it')}
        </Button>
        {hasSecrets && (
          <Button icon={isOpen ? EyeOff : Eye} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? t('Hide what is secret') : t('Show what is secret')}
          </Button>
        )}
        <span role="status" className={styles.introduction}>
          {copied}
        </span>
      </div>
    </Section>
  );
}
