// What is wrong with this machine as text: each finding with what was seen and how it is mended.
import type { Output } from '../../contract/contract.ts';
import { clean, count, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Doctor = Output<'doctor.run'>;
type Finding = Doctor['findings'][number];
type Told = Pick<Finding, 'severity' | 'message' | 'next'> &
  Partial<Pick<Finding, 'evidence' | 'key' | 'subject' | 'fix'>>;

const signs: Readonly<Record<Finding['severity'], readonly [string, Tone]>> = {
  error: ['×', 'bad'],
  warning: ['!', 'warn'],
  info: ['-', 'quiet'],
};

function block(text: string, first: string, view: View): string {
  const lines = wrap(clean(text), Math.max(8, view.width - 2));
  return lines.map((line, index) => `${index === 0 ? first : '  '}${line}\n`).join('');
}

/** Something that is wrong: what it is, what was seen, what mends it, and by which key it is known. */
export function renderFinding(finding: Told, view: View): string {
  const [sign, tone] = signs[finding.severity];
  const quiet = (text: string): string => paintLines(block(text, '  ', view), view);
  return [
    block(finding.message, `${paint(sign, tone, view)} `, view),
    ...(finding.evidence ?? []).map(quiet),
    block(finding.next, '  ', view),
    ...(finding.fix === undefined ? [] : [block(`AutoGit can: ${finding.fix.summary}`, '  ', view)]),
    ...(finding.key === undefined ? [] : [quiet(`${finding.key}, ${finding.subject ?? ''}`)]),
  ].join('');
}

function paintLines(text: string, view: View): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : paint(line, 'quiet', view)))
    .join('\n');
}

function sentenceOf({ healthy, findings, checks, areas }: Doctor): string {
  const asked = `${count(checks, 'check')} of ${areas.join(' and ')}`;
  if (findings.length === 0) return `${asked}: nothing is wrong.`;
  const of = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    ...(of('error') === 0 ? [] : [count(of('error'), 'error')]),
    ...(of('warning') === 0 ? [] : [count(of('warning'), 'warning')]),
    ...(of('info') === 0 ? [] : [count(of('info'), 'remark')]),
  ];
  return `${asked}: ${parts.join(', ')}${healthy ? '. Nothing has to be done.' : '.'}`;
}

/** What would be done, or was. */
export function renderFixes({ dryRun, message, next, fixes }: Output<'doctor.fix'>, view: View): string {
  const rows = fixes.map(({ summary, key, subject, done, problem }) => {
    const sign = done ? paint('✓', 'good', view) : problem === null ? '-' : paint('×', 'bad', view);
    const why = problem === null ? '' : `: ${problem}`;
    return [
      block(`${summary}${why}`, `${sign} `, view),
      paintLines(block(`${key}, ${subject}`, '  ', view), view),
    ].join('');
  });
  const last = dryRun || next === null ? '' : block(next, '', view);
  return [block(message, '', view), ...rows, last].join('');
}

/** Of the machine that is much, and has a page of its own. */
function unknownIn({ unknown, areas }: Doctor, view: View): readonly string[] {
  if (unknown.length === 0) return [];
  const words = `${count(unknown.length, 'thing')} could not be found out`;
  if (areas.includes('hardware')) return [block(`${words}: autogit detect says which, and why.`, '', view)];
  return [[block(`${words}:`, '', view), ...unknown.map((line) => block(line, '- ', view))].join('')];
}

/** `autogit doctor`. */
export function renderDoctor(doctor: Doctor, view: View): string {
  return [
    ...doctor.findings.map((finding) => renderFinding(finding, view)),
    block(sentenceOf(doctor), '', view),
    ...unknownIn(doctor, view),
  ].join('\n');
}
