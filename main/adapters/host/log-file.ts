// The log on disk: JSON lines, a file a day, private, and never more than a fixed number of files.
import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { LogRecord, LogSink } from '../../log.ts';

export interface LogFile {
  readonly sink: LogSink;
  /** Resolves once everything said so far is in the file. */
  close(): Promise<void>;
}

export interface LogFileOptions {
  readonly folder: string;
  /** Told when the log can no longer be written; it goes on trying, what it could not write is lost. */
  readonly onFailure: (error: unknown) => void;
  /** Bytes after which a day's log goes on in another file. */
  readonly largestFile?: number;
}

const keptFiles = 14;
const largestFileBytes = 20 * 1024 * 1024;

/** `core-2026-11-21.log`, then `core-2026-11-21.1.log`, … when a day's file is full. */
const logName = /^core-(\d{4}-\d{2}-\d{2})(?:\.(\d+))?\.log$/;

interface Target {
  readonly day: string;
  readonly part: number;
  readonly handle: FileHandle;
  size: number;
}

/** A log in files of a folder that exists. Nothing is opened before the first record. */
export function openLogFile({ folder, onFailure, largestFile = largestFileBytes }: LogFileOptions): LogFile {
  const waiting: LogRecord[] = [];
  let target: Target | null = null;
  let writing: Promise<void> | null = null;
  let failed = false;

  const targetFor = async (day: string): Promise<Target> => {
    let found = target;
    if (found?.day !== day) found = await moveTo(day, await lastPart(folder, day));
    return found.size < largestFile ? found : moveTo(day, found.part + 1);
  };

  const moveTo = async (day: string, part: number): Promise<Target> => {
    await target?.handle.close();
    target = null;
    const opened = await openTarget(folder, day, part);
    target = opened;
    await prune(folder);
    return opened;
  };

  const writeAll = async (): Promise<void> => {
    for (let day = dayOf(waiting[0]); day !== null; day = dayOf(waiting[0])) {
      const last = waiting.findIndex((record) => dayOf(record) !== day);
      const batch = waiting.splice(0, last === -1 ? waiting.length : last);
      const text = Buffer.from(batch.map((record) => `${JSON.stringify(record)}\n`).join(''));
      const into = await targetFor(day);
      await into.handle.appendFile(text);
      into.size += text.length;
    }
  };

  const flush = async (): Promise<void> => {
    try {
      await writeAll();
      failed = false;
    } catch (error) {
      if (!failed) onFailure(error);
      failed = true;
    } finally {
      writing = null;
    }
  };

  return {
    sink: (record) => {
      waiting.push(record);
      writing ??= Promise.resolve().then(flush);
    },
    close: async () => {
      while (writing !== null) await writing;
      await target?.handle.close();
      target = null;
    },
  };
}

function dayOf(record: LogRecord | undefined): string | null {
  return record?.time.slice(0, 10) ?? null;
}

async function openTarget(folder: string, day: string, part: number): Promise<Target> {
  const name = part === 0 ? `core-${day}.log` : `core-${day}.${String(part)}.log`;
  const handle = await open(path.join(folder, name), 'a', 0o600);
  return { day, part, handle, size: (await handle.stat()).size };
}

/** Where a day's log was left by an earlier start. */
async function lastPart(folder: string, day: string): Promise<number> {
  const parts = (await logFiles(folder)).filter((file) => file.day === day).map(({ part }) => part);
  return Math.max(0, ...parts);
}

async function prune(folder: string): Promise<void> {
  const files = await logFiles(folder);
  await Promise.all(files.slice(keptFiles).map(({ name }) => rm(path.join(folder, name), { force: true })));
}

/** Newest first. */
async function logFiles(
  folder: string,
): Promise<readonly { readonly name: string; readonly day: string; readonly part: number }[]> {
  const files = (await readdir(folder)).flatMap((name) => {
    const [, day, part = '0'] = logName.exec(name) ?? [];
    return day === undefined ? [] : [{ name, day, part: Number(part) }];
  });
  return files.toSorted((a, b) => (a.day === b.day ? b.part - a.part : a.day < b.day ? 1 : -1));
}
