// The log of a job: follows its end until somebody scrolls up, and draws only the lines in sight.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine, Copy, RefreshCw } from 'lucide-react';
import { memo, useEffect, useMemo, useState } from 'react';
import { linesOf, textOf } from '../state/log-text.ts';
import type { LogLine, Span } from '../state/log-text.ts';
import { useLog } from '../state/use-log.ts';
import type { FollowedLog } from '../state/use-log.ts';
import { count } from '../state/words.ts';
import { Button, IconButton } from './button.tsx';
import { ErrorNote } from './notes.tsx';
import styles from './log-view.module.css';

const lineHeight = 18;
/** So near to the end counts as there. CSS pixels. */
const nearEnd = 24;

function classOf({ style }: Span): string {
  const names = [
    style.ink === null ? '' : styles[style.ink],
    style.bold ? styles.bold : '',
    style.faint ? styles.faint : '',
    style.underline ? styles.underline : '',
  ];
  return names.filter(Boolean).join(' ');
}

interface LineProps {
  readonly line: LogLine;
  readonly number: number;
  readonly top: number;
}

const Line = memo(function Line({ line, number, top }: LineProps) {
  return (
    <div className={styles.logLine} style={{ transform: `translateY(${top}px)` }}>
      <span className={styles.lineNumber} aria-hidden>
        {number}
      </span>
      <span>
        {line.map((span, at) => (
          <span key={at} className={classOf(span)}>
            {span.text}
          </span>
        ))}
      </span>
    </div>
  );
});

function stateOf({ state }: FollowedLog, lines: number, isAtEnd: boolean): string {
  switch (state) {
    case 'reading':
      return 'Reading the log';
    case 'following':
      return `${count(lines, 'line')}, ${isAtEnd ? 'following' : 'goes on below'}`;
    case 'whole':
      return lines === 0 ? 'The log is empty' : count(lines, 'line');
    case 'failed':
      return lines === 0 ? 'The log could not be read' : `${count(lines, 'line')}, cut off`;
  }
}

interface LinesProps {
  readonly lines: readonly LogLine[];
  readonly isAtEnd: boolean;
  onEnd(isAtEnd: boolean): void;
}

function Lines({ lines, isAtEnd, onEnd }: LinesProps) {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller,
    estimateSize: () => lineHeight,
    overscan: 12,
    useFlushSync: false,
  });
  useEffect(() => {
    if (isAtEnd) scroller?.scrollTo({ top: scroller.scrollHeight });
  }, [scroller, isAtEnd, lines.length]);
  return (
    <div
      ref={setScroller}
      className={styles.lines}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="Log of the job"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
        onEnd(scrollHeight - scrollTop - clientHeight < nearEnd)
      }
    >
      <div className={styles.sheet} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <Line key={index} line={lines[index] ?? []} number={index + 1} top={start} />
        ))}
      </div>
    </div>
  );
}

export function LogView({ id }: { readonly id: number }) {
  const [attempt, setAttempt] = useState(0);
  const [isAtEnd, setAtEnd] = useState(true);
  const followed = useLog(id, attempt);
  const lines = useMemo(() => linesOf(followed.log), [followed.log]);
  const copyAll = (): void =>
    void navigator.clipboard.writeText(lines.map(textOf).join('\n')).catch(() => undefined);
  return (
    <div className={styles.log}>
      <div className={styles.logHead}>
        <span>{stateOf(followed, lines.length, isAtEnd)}</span>
        <div>
          {!isAtEnd && (
            <Button look="bare" icon={ArrowDownToLine} onClick={() => setAtEnd(true)}>
              {followed.state === 'following' ? 'Follow its end' : 'Go to its end'}
            </Button>
          )}
          <IconButton
            icon={Copy}
            label="Copy the whole log"
            disabled={lines.length === 0}
            onClick={copyAll}
          />
        </div>
      </div>
      {followed.error !== null && (
        <div className={styles.logNote}>
          <ErrorNote
            problem={followed.error}
            action={
              <Button icon={RefreshCw} onClick={() => setAttempt(attempt + 1)}>
                Read it again
              </Button>
            }
          />
        </div>
      )}
      <Lines lines={lines} isAtEnd={isAtEnd} onEnd={setAtEnd} />
    </div>
  );
}
