// One line of a log: its number, which is its address, its text in the terminal's colours, and the words that are looked for.
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import type { CSSProperties, MouseEvent } from 'react';
import { cssColour, paintOf } from '../state/log-style.ts';
import type { Style } from '../state/log-style.ts';
import { markedSpans } from '../state/log-search.ts';
import type { MarkedSpan } from '../state/log-search.ts';
import type { LogLine } from '../state/log-text.ts';
import { elapsed } from '../state/words.ts';
import styles from './log-view.module.css';
import { dateFormat } from '../language/locale.ts';
import { t } from '../language/strings.ts';

export interface LineEvents {
  onFold(section: number, folded: boolean): void;
  /** `extend`: up to this line, from the one that was chosen before. */
  onChoose(line: number, extend: boolean): void;
}

interface LineProps {
  readonly line: LogLine;
  readonly index: number;
  readonly top: number;
  readonly depth: number;
  /** Milliseconds since 1970; `null`: not shown. */
  readonly time: number | null;
  /** The section that begins in it; `null`: none. */
  readonly section: number | null;
  readonly isFolded: boolean;
  /** How long the section took; `null`: not known. */
  readonly seconds: number | null;
  readonly isMarked: boolean;
  readonly needle: RegExp | null;
  /** Which of the places in this line is the present one; `null`: none. */
  readonly place: number | null;
  readonly href: string;
  readonly events: LineEvents;
}

const clock = dateFormat({ timeStyle: 'medium', hourCycle: 'h23' });

function paint(style: Style): CSSProperties {
  const { front, back } = paintOf(style);
  const faint = style.faint ? { color: 'var(--text-quiet)' } : {};
  return {
    ...(front === null ? faint : { color: front === 'canvas' ? 'var(--log-canvas)' : cssColour(front) }),
    ...(back === null ? {} : { backgroundColor: back === 'text' ? 'var(--text)' : cssColour(back) }),
  };
}

function classOf({ bold, italic, underline, struck }: Style): string | undefined {
  const names = [
    bold ? styles.bold : '',
    italic ? styles.italic : '',
    underline ? styles.underline : '',
    struck ? styles.struck : '',
  ];
  return names.filter(Boolean).join(' ') || undefined;
}

function Part({ span, isPresent }: { readonly span: MarkedSpan; readonly isPresent: boolean }) {
  if (span.place !== null) return <mark data-present={isPresent || undefined}>{span.text}</mark>;
  return (
    <span className={classOf(span.style)} style={paint(span.style)}>
      {span.text}
    </span>
  );
}

function Text({ line, needle, place }: Pick<LineProps, 'line' | 'needle' | 'place'>) {
  return (
    <span>
      {markedSpans(line, needle).map((span, at) => (
        <Part key={at} span={span} isPresent={span.place !== null && span.place === place} />
      ))}
    </span>
  );
}

function Header({
  section,
  isFolded,
  seconds,
  events,
  ...text
}: Omit<LineProps, 'section'> & { readonly section: number }) {
  const Icon = isFolded ? ChevronRight : ChevronDown;
  return (
    <button
      type="button"
      className={styles.section}
      aria-expanded={!isFolded}
      onClick={() => events.onFold(section, !isFolded)}
    >
      <Icon size={14} aria-hidden />
      <Text {...text} />
      {seconds !== null && <span className={styles.seconds}>{elapsed(seconds * 1_000)}</span>}
    </button>
  );
}

export const Line = memo(function Line(props: LineProps) {
  const { index, top, depth, time, section, isMarked, href, events } = props;
  const choose = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    events.onChoose(index, event.shiftKey);
  };
  return (
    <div
      className={styles.logLine}
      data-marked={isMarked || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <a
        className={styles.lineNumber}
        href={href}
        tabIndex={-1}
        aria-label={t('Line {{number}}', { number: index + 1 })}
        onClick={choose}
      >
        {index + 1}
      </a>
      {time !== null && <time className={styles.time}>{clock.format(time)}</time>}
      <span className={styles.indent} data-depth={depth} />
      {section === null ? <Text {...props} /> : <Header {...props} section={section} />}
    </div>
  );
});
