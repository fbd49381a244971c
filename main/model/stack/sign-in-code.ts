// What Authelia writes into a file where it has no mail server: the newest message, which replaces the one before.
import type { StackAnswers } from './answers.ts';

/** https://github.com/authelia/authelia/blob/v4.39.20/internal/notification/file_notifier.go */
export interface WrittenMessage {
  /** Milliseconds since 1970; `null`: not told. */
  readonly at: number | null;
  readonly recipient: string;
  readonly subject: string;
  /** The one-time code in it; `null`: it has none. */
  readonly code: string | null;
}

/** Whether a second factor is asked for, and no mail brings the code that choosing one takes. */
export function needsCodes({ sso, templates }: Pick<StackAnswers, 'sso' | 'templates'>): boolean {
  const isAsked = templates['authelia']?.['factors'] === 'two_factor';
  return sso === 'authelia' && isAsked && templates['mail'] === undefined;
}

/** As Go prints a time: `2026-11-22 12:26:10.123456789 +0100 CET m=+42.1`. */
const written = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)? ([+-]\d\d)(\d\d)\b/;

function instantOf(text: string): number | null {
  const [, day, time, thousandths = '0', hours, minutes] = written.exec(text) ?? [];
  const instant = Date.parse(`${day}T${time}.${thousandths.padEnd(3, '0')}${hours}:${minutes}`);
  return Number.isNaN(instant) ? null : instant;
}

/** Reads the file. The code stands alone between two rules of hyphens. `null`: there is no message yet. */
export function readWrittenMessage(text: string): WrittenMessage | null {
  const field = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim().slice(0, 300) ?? '';
  if (text.trim() === '') return null;
  const code = /^-{5,}\r?\n\s*([A-Z0-9]{4,32})\s*\r?\n-{5,}\r?$/m.exec(text)?.[1] ?? null;
  return {
    at: instantOf(field('Date')),
    recipient: field('Recipient').replaceAll(/[{}]/g, '').trim(),
    subject: field('Subject'),
    code,
  };
}
