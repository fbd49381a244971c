// The recovery sheet: shown, printed, copied, and confirmed by two of its words, without which nobody may feel safe.
import { Check, KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Outcome } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { lossSentence, sheetFile, sheetSections } from '../../state/backup-sheet.ts';
import type { BackupSheet } from '../../state/backup-sheet.ts';
import { askedWords } from '../../state/backup-words.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { useTry } from '../../state/use-try.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Fields, TextField } from '../../ui/field.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { RecoverySheet } from '../../ui/recovery-sheet.tsx';
import { Rich } from '../../ui/rich.tsx';
import { Day } from '../../ui/time.tsx';
import styles from './backups.module.css';
import { t } from '../../language/strings.ts';

function askSheet(client: CoreClient): Promise<BackupSheet> {
  return client.call('backup.sheet', {});
}

interface ConfirmProps {
  readonly keptAt: number | null;
  onKept(): void;
}

function Kept({ keptAt, onAgain }: Pick<ConfirmProps, 'keptAt'> & { onAgain(): void }) {
  const now = useSeenNow();
  return (
    <p className={styles.inline} role="status">
      <Badge look={{ tone: 'success', sign: 'check', word: t('Kept') }} />
      {keptAt === null ? (
        t('Confirmed just now.')
      ) : (
        <span>
          <Rich text={t('Confirmed on <day/>.')} parts={{ day: <Day at={keptAt} now={now} /> }} />
        </span>
      )}
      <Button onClick={onAgain}>{t('Confirm it again')}</Button>
    </p>
  );
}

/** Two words that only somebody with the sheet can give: a tick would be pressed unread. */
function Confirm({ keptAt, onKept }: ConfirmProps) {
  const [asked, setAsked] = useState(() => askedWords(Math.random));
  const [texts, setTexts] = useState<readonly [string, string]>(['', '']);
  const [isOpen, setOpen] = useState(keptAt === null);
  const confirming = useTry<Outcome>();
  const isReady = texts.every((text) => text.trim() !== '');
  const confirm = async (): Promise<void> => {
    if (!isReady || confirming.isTrying) return;
    const words = Object.fromEntries(
      asked.map((at, index) => [String(at), texts[index]?.trim().toLowerCase() ?? '']),
    );
    await confirming.tryIt(async (client) => {
      const outcome = await client.call('backup.sheet-kept', { words });
      onKept();
      setOpen(false);
      setTexts(['', '']);
      setAsked(askedWords(Math.random));
      return outcome;
    });
  };
  if (!isOpen) return <Kept keptAt={keptAt} onAgain={() => setOpen(true)} />;
  return (
    <form
      className={styles.confirm}
      aria-label={t('Confirm that you keep it')}
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <p>
        {t(
          'Print it or write it down, put it where a fire or a thief does not find it together with this machine, and show that you have it:',
        )}
      </p>
      <Fields>
        {asked.map((at, index) => (
          <TextField
            key={at}
            name={`kept-${at}`}
            label={t('Word {{number}}', { number: at })}
            value={texts[index] ?? ''}
            onChange={(text) => setTexts(([first, second]) => (index === 0 ? [text, second] : [first, text]))}
          />
        ))}
      </Fields>
      {confirming.error !== null && <ErrorNote problem={confirming.error} />}
      <div className={styles.buttons}>
        <Button
          look="primary"
          type="submit"
          icon={Check}
          blockedBy={isReady ? null : t('Give both words first')}
        >
          {t('I keep it')}
        </Button>
      </div>
    </form>
  );
}

/** `onKept`: what else the page tells of the sheet is another now. */
export function SheetTab({ onKept }: Pick<ConfirmProps, 'onKept'>) {
  const { value: sheet, error, again } = useAnswer(askSheet);
  const kept = (): void => {
    again();
    onKept();
  };
  if (sheet === null)
    return error === null ? (
      <Skeleton what={t('the recovery sheet')} rows={6} />
    ) : (
      <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
    );
  if (sheet.words === null)
    return (
      <EmptyState icon={KeyRound} title={t('There are no words yet')} command="autogit backup sheet">
        {t('They are made with the first target, and open every backup from then on.')}
      </EmptyState>
    );
  return (
    <div className={styles.narrow}>
      <Section title={t('Do you have it?')}>
        <Confirm keptAt={sheet.keptAt} onKept={kept} />
      </Section>
      <RecoverySheet
        title={t('Recovery sheet of the backups')}
        introduction={`${lossSentence} ${t('The sheet is made here and sent nowhere.')}`}
        sections={sheetSections(sheet)}
        {...(sheet.qr.length === 0
          ? {}
          : { qr: { rows: sheet.qr, label: t('QR code of the words and places'), secret: true } })}
        fileName={sheetFile}
      />
      <Command line="autogit backup sheet" />
    </div>
  );
}
