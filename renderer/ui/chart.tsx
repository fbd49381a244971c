// Values over time: drawn, read by pointer and keyboard, and as a table.
import { ChartLine, Table2 } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { dateFormat } from '../language/locale.ts';
import { IconButton } from './button.tsx';
import styles from './chart.module.css';
import { openPlot } from './plot.ts';
import type { Plot, PlotData, PlotLine, PlotScale } from './plot.ts';
import { Rich } from './rich.tsx';
import { stepOf } from './walk.ts';
import { t } from '../language/strings.ts';

export type { PlotData as ChartData, PlotScale as ChartScale } from './plot.ts';

interface ChartProps {
  readonly title: string;
  readonly data: PlotData;
  readonly scale: PlotScale;
  /** One value, as exactly as a reader wants it. */
  words(value: number): string;
  /** Beside the newest value: `of 33.6 GB`. */
  readonly note?: string;
  /** Why nothing is known; shown in place of lines when there are none. */
  readonly nothing: string;
}

const moment = dateFormat({
  ...{ weekday: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
});

function wordsAt(lines: readonly PlotLine[], index: number, words: (value: number) => string): string {
  const parts = lines.map(({ name, values }) => {
    const value = values.at(index) ?? null;
    const known = value === null ? t('unknown') : words(value);
    return lines.length === 1 ? known : `${name} ${known}`;
  });
  return parts.join(', ');
}

/** Time goes from left to right; up and down are left to the page. */
const turns: Readonly<Record<string, string>> = {
  ...{ ArrowLeft: 'ArrowUp', ArrowRight: 'ArrowDown', PageUp: 'PageUp', PageDown: 'PageDown' },
  ...{ Home: 'Home', End: 'End' },
};

/** Where the arrow keys lead; Escape leads back to the newest. */
function nextMark(event: KeyboardEvent, mark: number | null, length: number): number | null | undefined {
  if (event.key === 'Escape') return mark === null ? undefined : null;
  const turned = turns[event.key];
  if (turned === undefined) return undefined;
  const { altKey, ctrlKey, metaKey } = event;
  const page = Math.max(1, Math.round(length / 12));
  return stepOf({ key: turned, altKey, ctrlKey, metaKey }, mark ?? length - 1, length, page) ?? undefined;
}

function Drawing({ title, data, scale, words, mark, onMark }: ChartProps & Marked) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const shown = useRef({ data, scale });
  const names = data.lines.map(({ name }) => name).join('\n');
  useEffect(() => {
    shown.current = { data, scale };
    plot.current?.show(data);
  }, [data, scale]);
  useEffect(() => {
    if (element.current === null) return;
    const opened = openPlot(element.current, {
      ...{ names: names.split('\n'), data: shown.current.data, onMark },
      // The scale may change with the values, as when memory is added to a virtual machine.
      scale: {
        words: (value) => shown.current.scale.words(value),
        get top() {
          return shown.current.scale.top;
        },
        get least() {
          return shown.current.scale.least;
        },
      },
    });
    plot.current = opened;
    return () => {
      plot.current = null;
      opened.close();
    };
  }, [names, onMark]);
  const press = (event: KeyboardEvent): void => {
    const next = nextMark(event, mark, data.at.length);
    if (next === undefined) return;
    event.preventDefault();
    plot.current?.mark(next);
    onMark(next);
  };
  const index = Math.min(mark ?? Infinity, data.at.length - 1);
  return (
    <div
      ref={element}
      className={styles.plot}
      role="slider"
      tabIndex={0}
      aria-label={t('{{title}} over time', { title })}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={data.at.length - 1}
      aria-valuenow={index}
      aria-valuetext={t('{{values}} at {{moment}}', {
        values: wordsAt(data.lines, index, words),
        moment: moment.format(data.at[index] ?? 0),
      })}
      onKeyDown={press}
      onBlur={() => {
        plot.current?.mark(null);
        onMark(null);
      }}
    />
  );
}

interface Marked {
  readonly mark: number | null;
  onMark(index: number | null): void;
}

function Numbers({ title, data, words }: ChartProps) {
  const cell = (value: number | null | undefined): string =>
    value === null || value === undefined ? t('unknown') : words(value);
  return (
    <div
      className={styles.numbers}
      role="region"
      aria-label={t('{{title}} in numbers', { title })}
      tabIndex={0}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{t('Time')}</th>
            {data.lines.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.at
            .map((at, index) => (
              <tr key={at}>
                <th scope="row">{moment.format(at)}</th>
                {data.lines.map(({ name, values }) => (
                  <td key={name}>{cell(values[index])}</td>
                ))}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </div>
  );
}

/** The newest step of which anything is known; -1: none. */
function newestIndex({ at, lines }: PlotData): number {
  return at.findLastIndex((_, index) => lines.some(({ values }) => (values[index] ?? null) !== null));
}

/** What is pointed at, or else the newest. */
function Reading({ data, words, note, mark }: ChartProps & Pick<Marked, 'mark'>) {
  const at = mark === null ? undefined : data.at[mark];
  if (mark !== null && at !== undefined) {
    return (
      <p className={styles.reading}>
        <Rich
          text={t('<values/> at {{moment}}', { moment: moment.format(at) })}
          parts={{ values: <strong>{wordsAt(data.lines, mark, words)}</strong> }}
        />
      </p>
    );
  }
  const newest = newestIndex(data);
  const isKnown = newest >= 0;
  const present = data.lines.map(({ now, ...line }) => ({
    ...line,
    values: now === undefined ? line.values.slice(0, newest + 1) : [now],
  }));
  return (
    <p className={styles.reading}>
      <strong>{isKnown ? wordsAt(present, -1, words) : t('unknown')}</strong>
      {note !== undefined && isKnown && ` ${note}`}
    </p>
  );
}

export function Chart(props: ChartProps) {
  const { title, data, nothing } = props;
  const [mark, setMark] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const heading = useId();
  const isEmpty = newestIndex(data) < 0;
  return (
    <figure className={styles.chart} aria-labelledby={heading}>
      <figcaption className={styles.head}>
        <h3 id={heading}>{title}</h3>
        <Reading {...props} mark={mark} />
        <IconButton
          icon={isTable ? ChartLine : Table2}
          label={isTable ? t('{{title}} as a chart', { title }) : t('{{title}} as a table', { title })}
          disabled={isEmpty}
          onClick={() => setTable(!isTable)}
        />
      </figcaption>
      {isEmpty ? (
        <p className={styles.nothing}>{nothing}</p>
      ) : isTable ? (
        <Numbers {...props} />
      ) : (
        <Drawing {...props} mark={mark} onMark={setMark} />
      )}
    </figure>
  );
}
