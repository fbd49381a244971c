// What can be done with a log: looking for words, folding, copying, taking it along.
import {
  ArrowDownToLine,
  ChevronsDownUp,
  ChevronsUpDown,
  Clock,
  Copy,
  Download,
  Maximize2,
  Minimize2,
  MoveDown,
  MoveUp,
  Search,
} from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { numeral } from '../language/locale.ts';
import { mostFound } from '../state/log-search.ts';
import type { LogSearch } from '../state/use-log-search.ts';
import { count, t } from '../language/strings.ts';
import { Button, IconButton } from './button.tsx';
import styles from './log-view.module.css';

interface SearchProps {
  readonly words: string;
  readonly search: LogSearch;
  /** The place that was gone to, from 0; `null`: none yet. */
  readonly place: number | null;
  onWords(words: string): void;
  /** By so many places. */
  onStep(by: number): void;
  onLine(line: number): void;
}

function placeWords({ search: { found, isLooking }, place }: SearchProps): string {
  const all = found.lines.length;
  if (all === 0) return isLooking ? t('Looking…') : t('Nowhere');
  const many = `${numeral(all)}${found.isCut || isLooking ? '+' : ''}`;
  return place === null
    ? count(all, '{{n}} place', '{{n}} places')
    : t('{{place}} of {{places}}', { place: numeral(place + 1), places: many });
}

function cutWords({ found }: LogSearch): string | undefined {
  return found.isCut
    ? count(mostFound, 'No more than {{n}} place is counted', 'No more than {{n}} places are counted')
    : undefined;
}

/** `:120` means line 120. */
function lineIn(words: string): number | null {
  const found = /^:(\d{1,7})$/.exec(words);
  return found === null ? null : Number(found[1]) - 1;
}

export function LogSearchField(props: SearchProps) {
  const { words, search, onWords, onStep, onLine } = props;
  const line = lineIn(words);
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      if (line === null) onStep(event.shiftKey ? -1 : 1);
      else if (line >= 0) onLine(line);
    } else if (event.key === 'Escape' && words !== '') {
      event.preventDefault();
      onWords('');
    }
  };
  const isEmpty = search.found.lines.length === 0;
  return (
    <div className={styles.searching} role="search" aria-label={t('The log')}>
      <label className={styles.search}>
        <Search size={14} aria-hidden />
        <input
          type="search"
          value={words}
          placeholder={t('Find, or :120 for a line')}
          aria-label={t('Words to find in the log, or :120 for line 120')}
          spellCheck={false}
          onChange={(event) => onWords(event.target.value)}
          onKeyDown={press}
        />
      </label>
      {words !== '' && line === null && (
        <>
          <span role="status" className={styles.places} title={cutWords(search)}>
            {placeWords(props)}
          </span>
          <IconButton
            icon={MoveUp}
            label={t('Previous place (Shift+Enter)')}
            disabled={isEmpty}
            onClick={() => onStep(-1)}
          />
          <IconButton
            icon={MoveDown}
            label={t('Next place (Enter)')}
            disabled={isEmpty}
            onClick={() => onStep(1)}
          />
        </>
      )}
    </div>
  );
}

interface ToolsProps {
  readonly hasSections: boolean;
  readonly hasTimes: boolean;
  readonly showsTimes: boolean;
  readonly isEmpty: boolean;
  readonly isLarge: boolean;
  /** Lines that are chosen; 0: none, and all are copied. */
  readonly chosen: number;
  /** `null`: nothing can be taken along here, as in the desktop's window. */
  readonly onDownload: (() => void) | null;
  onFoldAll(folded: boolean): void;
  onTimes(): void;
  onCopy(): void;
  onLarge(): void;
}

export function LogTools(props: ToolsProps) {
  const { hasSections, hasTimes, showsTimes, isEmpty, isLarge, chosen, onDownload } = props;
  const copy =
    chosen === 0
      ? t('Copy the whole log')
      : count(chosen, 'Copy {{n}} chosen line', 'Copy {{n}} chosen lines');
  return (
    <div className={styles.tools}>
      {hasSections && (
        <>
          <IconButton
            icon={ChevronsDownUp}
            label={t('Fold every section')}
            onClick={() => props.onFoldAll(true)}
          />
          <IconButton
            icon={ChevronsUpDown}
            label={t('Open every section')}
            onClick={() => props.onFoldAll(false)}
          />
        </>
      )}
      {hasTimes && (
        <IconButton
          icon={Clock}
          label={t('Time of each line')}
          aria-pressed={showsTimes}
          onClick={props.onTimes}
        />
      )}
      <IconButton icon={Copy} label={copy} disabled={isEmpty} onClick={props.onCopy} />
      {onDownload !== null && (
        <IconButton icon={Download} label={t('Download the log')} disabled={isEmpty} onClick={onDownload} />
      )}
      <IconButton
        icon={isLarge ? Minimize2 : Maximize2}
        label={isLarge ? t('Beside the list') : t('In all of the window')}
        onClick={props.onLarge}
      />
    </div>
  );
}

interface StateProps {
  readonly words: string;
  readonly isFollowing: boolean;
  readonly goesOn: boolean;
  onEnd(): void;
  readonly children: ReactNode;
}

/** How the log stands, and the way to its end. */
export function LogState({ words, isFollowing, goesOn, onEnd, children }: StateProps) {
  return (
    <div className={styles.state}>
      <span>{words}</span>
      {children}
      {!isFollowing && (
        <Button look="bare" icon={ArrowDownToLine} onClick={onEnd}>
          {goesOn ? t('Follow its end') : t('Go to its end')}
        </Button>
      )}
    </div>
  );
}
