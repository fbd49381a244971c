// The bootstrap's lines as a person sees them.
import { describe, expect, it } from 'vitest';
import { BootstrapProblem } from '../../../main/bootstrap/problem.js';
import { createReport } from '../../../main/bootstrap/report.js';

function screen(isTTY: boolean): {
  write: (text: string) => boolean;
  isTTY: boolean;
  columns: number;
  text: string;
} {
  return {
    isTTY,
    columns: 80,
    text: '',
    write(text) {
      this.text += text;
      return true;
    },
  };
}

describe('lines', () => {
  it('are aligned and plain without a terminal', () => {
    const stream = screen(false);
    const report = createReport(stream, {});
    report.line('node', 'ok', '24.21.0');
    report.line('container engine', 'missing');
    expect(stream.text).toBe('node              ok              24.21.0\ncontainer engine  missing\n');
  });

  it('say how long an installation took', () => {
    const stream = screen(false);
    createReport(stream, {}).begin('git').end('installed', 'done');
    expect(stream.text.split('\n')[1]).toBe('git               installed 1 s   done');
  });

  it('are coloured on a terminal only, and not with NO_COLOR', () => {
    const coloured = screen(true);
    createReport(coloured, {}).line('git', 'ok');
    expect(coloured.text).toContain('\x1b[32m');
    const plain = screen(true);
    createReport(plain, { NO_COLOR: '1' }).line('git', 'ok');
    expect(plain.text).toBe('git               ok\n');
  });

  it('change in place on a terminal', () => {
    const stream = screen(true);
    const line = createReport(stream, { NO_COLOR: '1' }).begin('git');
    line.end('installed');
    expect(stream.text).toBe(
      '\r\x1b[2Kgit               installing 1 s  \r\x1b[2Kgit               installed 1 s\n',
    );
  });

  it('of a problem are its key, what happened and the next step', () => {
    const stream = screen(false);
    createReport(stream, {}).problem(new BootstrapProblem('bootstrap.x', 'It broke.', 'mend it'));
    expect(stream.text).toBe('\nbootstrap.x\nIt broke.\nNext: mend it\n');
  });
});
