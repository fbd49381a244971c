// A log, mostly that of a job: its lines, what can be done with them, and how it stands.
import { RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { plainText } from '../state/log-export.ts';
import { formatLines, parseLines } from '../state/log-rows.ts';
import type { LineRange } from '../state/log-rows.ts';
import { formatRoute } from '../state/route.ts';
import { useLab } from '../state/use-live.ts';
import { useFinding, useReading } from '../state/use-log-reading.ts';
import type { Finding, Reading } from '../state/use-log-reading.ts';
import { useLog } from '../state/use-log.ts';
import type { FollowedLog } from '../state/use-log.ts';
import { count, t } from '../language/strings.ts';
import { Button } from './button.tsx';
import { LogSearchField, LogState, LogTools } from './log-bar.tsx';
import { LogLines } from './log-lines.tsx';
import { ErrorNote } from './notes.tsx';
import { saveText } from './save-text.ts';
import styles from './log-view.module.css';

function stateOf({ state, book }: FollowedLog, isFollowing: boolean): string {
  const lines = count(book.count, '{{n}} line', '{{n}} lines');
  switch (state) {
    case 'reading':
      return t('Reading the log');
    case 'following':
      return isFollowing ? t('{{lines}}, following', { lines }) : t('{{lines}}, goes on below', { lines });
    case 'whole':
      return book.count === 0 ? t('The log is empty') : lines;
    case 'failed':
      return book.count === 0 ? t('The log could not be read') : t('{{lines}}, cut off', { lines });
  }
}

interface LogReaderProps {
  /** Whose log it is, for those who do not see it: `Log of the job`. */
  readonly label: string;
  readonly followed: FollowedLog;
  /** What it is called as a file, without an end: `job-41`. */
  readonly name: string;
  /** Lines that the address names: `120` or `120-140`. */
  readonly lines?: string | undefined;
  /** Keeps lines; missing: they lead to where `hrefOf` says. */
  readonly onLines?: ((lines: string) => void) | undefined;
  hrefOf(line: number): string;
  /** Reads it once more. */
  onAgain(): void;
}

function addressOf(id: number, line: number): string {
  return formatRoute({ page: 'jobs', id: String(id), query: { line: String(line + 1) } });
}

/** Lines that somebody chooses by their numbers, for the address and for copying. */
function useChoosing({ hrefOf, onLines }: LogReaderProps, chosen: LineRange | null) {
  const from = chosen?.from ?? null;
  return useCallback(
    (line: number, extend: boolean): void => {
      const first = extend && from !== null ? from : line;
      if (onLines === undefined) window.location.hash = hrefOf(line);
      else onLines(formatLines({ from: Math.min(first, line), to: Math.max(first, line) }));
    },
    [from, onLines, hrefOf],
  );
}

/** How long it is said that something was copied. Milliseconds. */
const thanksMs = 2_000;

function useSaying(): readonly [string, (words: string) => void] {
  const [said, say] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => say(''), thanksMs);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, say];
}

interface HeadProps {
  readonly name: string;
  readonly reading: Reading;
  readonly finding: Finding;
  readonly chosen: LineRange | null;
  readonly isLarge: boolean;
  readonly showsTimes: boolean;
  onLarge(): void;
  onTimes(): void;
}

function Head({ name, reading, finding, chosen, ...shown }: HeadProps) {
  const { session } = useLab();
  const [said, say] = useSaying();
  const { followed, isFollowing } = reading;
  const { book } = followed;
  const marked = chosen === null ? 0 : chosen.to - chosen.from + 1;
  const copy = async (): Promise<void> => {
    const text = await plainText(book, chosen);
    await navigator.clipboard.writeText(text).then(
      () => say(count(marked === 0 ? book.count : marked, '{{n}} line copied', '{{n}} lines copied')),
      () => say(t('The browser does not allow it')),
    );
  };
  const save = async (): Promise<void> => saveText(`${name}.log`, await plainText(book, null));
  return (
    <>
      <div className={styles.logHead}>
        <LogSearchField {...finding} onLine={reading.goTo} />
        <LogTools
          {...shown}
          hasSections={book.sections.length > 0}
          hasTimes={book.hasTimes}
          isEmpty={book.count === 0}
          chosen={marked}
          // The desktop's window takes nothing along; there, all can be copied.
          onDownload={session === null ? null : () => void save()}
          onFoldAll={reading.foldAll}
          onCopy={() => void copy()}
        />
      </div>
      <LogState
        words={stateOf(followed, isFollowing)}
        isFollowing={isFollowing}
        goesOn={followed.state === 'following'}
        onEnd={() => reading.setFollowing(true)}
      >
        <span role="status">{said}</span>
      </LogState>
    </>
  );
}

/** A log that somebody follows, with everything that can be done with it. */
export function LogReader(props: LogReaderProps) {
  const { label, followed, name, lines, hrefOf, onAgain } = props;
  const chosen = useMemo(() => parseLines(lines), [lines]);
  const reading = useReading(followed, chosen);
  const { rows, folds, goal, isFollowing, setFollowing, fold, goTo } = reading;
  const { book, error } = followed;
  const finding = useFinding(followed, goTo);
  const [showsTimes, setShowsTimes] = useState(false);
  const [isLarge, setLarge] = useState(false);
  const choose = useChoosing(props, chosen);
  const events = useMemo(() => ({ onChoose: choose, onFold: fold }), [choose, fold]);
  return (
    <div className={styles.log} data-log-large={isLarge || undefined}>
      <Head
        {...{ name, reading, finding, chosen, isLarge, showsTimes }}
        onLarge={() => setLarge(!isLarge)}
        onTimes={() => setShowsTimes(!showsTimes)}
      />
      {error !== null && (
        <div className={styles.logNote}>
          <ErrorNote
            problem={error}
            action={
              <Button icon={RefreshCw} onClick={onAgain}>
                {t('Read it again')}
              </Button>
            }
          />
        </div>
      )}
      <LogLines
        {...{ label, book, rows, folds, goal, showsTimes, isFollowing, events }}
        present={finding.present}
        marked={chosen}
        needle={finding.search.needle}
        hrefOf={hrefOf}
        onFollow={setFollowing}
        onTop={finding.onTop}
      />
    </div>
  );
}

type LogViewProps = Pick<LogReaderProps, 'lines' | 'onLines'> & { readonly id: number };

/** The log of a job. */
export function LogView({ id, lines, onLines }: LogViewProps) {
  const [attempt, setAttempt] = useState(0);
  const followed = useLog(id, attempt);
  const hrefOf = useCallback((line: number) => addressOf(id, line), [id]);
  return (
    <LogReader
      {...{ followed, lines, onLines, hrefOf }}
      label={t('Log of the job')}
      name={`job-${id}`}
      onAgain={() => setAttempt(attempt + 1)}
    />
  );
}
