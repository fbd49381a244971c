// Topic logger: JSON records to sinks, with every known secret removed in one place.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogRecord {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly topic: string;
  readonly message: string;
  readonly fields: LogFields;
}

export type LogSink = (record: LogRecord) => void;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger for another topic with the same sinks and secrets. */
  topic(name: string): Log;
}

export interface LogOptions {
  readonly sinks: readonly LogSink[];
  readonly level: LogLevel;
  readonly redact: Redaction;
  readonly now: () => number;
}

/** Removes secrets from text and data. Values shorter than 6 characters are not remembered. */
export interface Redaction {
  remember(secret: string): void;
  text(text: string): string;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Shapes of tokens that GitLab and others give out: removed even when nobody announced them. */
const tokenShapes =
  /\b(?:gl[a-z]{1,4}-[\w.-]{8,}|GR1348941[\w-]{8,})|(?<=:\/\/[^\s/:@]{1,64}:)[^\s/@]+(?=@)/g;

/** A fresh memory of secrets. */
export function createRedaction(): Redaction {
  const secrets = new Set<string>();
  return {
    remember: (secret) => {
      if (secret.length >= 6) secrets.add(secret);
    },
    text: (text) => {
      let clean = text.replace(tokenShapes, '[secret]');
      for (const secret of secrets) clean = clean.replaceAll(secret, '[secret]');
      return clean;
    },
  };
}

function plain(value: unknown): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause, ...rest } = value;
    return { name, message, stack, ...rest, ...(cause === undefined ? {} : { cause: plain(cause) }) };
  }
  return value;
}

function redactFields(fields: LogFields, redact: Redaction): LogFields {
  const text = JSON.stringify(fields, (_key, value: unknown) => {
    const shown = plain(value);
    if (typeof shown === 'bigint') return shown.toString();
    return typeof shown === 'string' ? redact.text(shown) : shown;
  });
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

/** A logger for one topic. A sink that throws is the sink's defect and is left to throw. */
export function createLog(topic: string, options: LogOptions): Log {
  const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (levels.indexOf(level) < levels.indexOf(options.level)) return;
    const record: LogRecord = {
      time: new Date(options.now()).toISOString(),
      level,
      topic,
      message: options.redact.text(message),
      fields: redactFields(fields, options.redact),
    };
    for (const sink of options.sinks) sink(record);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    topic: (name) => createLog(name, options),
  };
}
