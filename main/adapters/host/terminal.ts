// The log for people: one readable line a record, coloured where that is wanted.
import { styleText } from 'node:util';
import type { LogLevel, LogRecord, LogSink } from '../../log.ts';

type Style = Parameters<typeof styleText>[0];

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const levelStyles: Readonly<Record<LogLevel, Style>> = {
  debug: 'gray',
  info: 'cyan',
  warn: 'yellow',
  error: 'red',
};

/** Writes to a stream such as `process.stderr`. `NO_COLOR` as on https://no-color.org. */
export function terminalSink(stream: Terminal, env: Readonly<Record<string, string | undefined>>): LogSink {
  const coloured = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const styled = (style: Style, text: string): string =>
    coloured ? styleText(style, text, { validateStream: false }) : text;
  return (record) => {
    const clock = new Date(record.time).toTimeString().slice(0, 8);
    const parts = [
      styled('gray', clock),
      styled(levelStyles[record.level], record.level.padEnd(5)),
      `${record.topic}: ${harmless(record.message)}`,
      ...renderFields(record).map((field) => styled('gray', field)),
    ];
    stream.write(`${parts.join(' ')}\n`);
  };
}

function renderFields({ fields }: LogRecord): readonly string[] {
  return Object.entries(fields).map(([name, field]) => {
    const value = name === 'error' ? errorText(field) : field;
    const text = typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
    return harmless(`${name}=${text}`);
  });
}

/** A person reads what happened; the stack is in the log file. */
function errorText(field: unknown): unknown {
  return typeof field === 'object' && field !== null && 'message' in field ? field.message : field;
}

/** Names of jobs come from anybody: nothing in them may steer the terminal. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
