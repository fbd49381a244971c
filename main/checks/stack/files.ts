// Files of a stack's folder that are not as AutoGit wrote them, and that nobody has decided about.
import { isKeptAgainstAny } from '../../model/stack/kept.ts';
import type { Finding } from '../hardware/check.ts';
import { fixBy, withStack } from './check.ts';

function edited(path: string, project: string): Finding {
  return {
    key: 'stack.file-edited',
    severity: 'warning',
    subject: path,
    message: `${path} of ${project} is not as AutoGit wrote it: somebody has changed it, or it was cut off.`,
    next: `Decide about it: autogit stack up --keep ${path} leaves it as it is, --replace ${path} puts AutoGit's in its place. The difference: autogit stack plan`,
    evidence: [`${path}: its content is not what was written`],
  };
}

function missing(path: string, project: string): Finding {
  return {
    key: 'stack.file-missing',
    severity: 'warning',
    subject: path,
    message: `${path} of ${project} is gone: what reads it will not start again.`,
    next: 'Let it be written again: autogit stack up, or autogit doctor --fix',
    evidence: [`${path}: there is no such file`],
    fix: fixBy('apply-stack', '', 'writes what is missing in the folder of the stack'),
  };
}

/** Only files that have been written: before the first `up` none is there. What its service changes is not AutoGit's. */
export const checkFiles = withStack((stack, { present }) => {
  if (present === null || present.files === null || present.answers?.lab !== stack.lab) return [];
  const { files, written } = present;
  const there = new Map(files.map(({ path, hash }) => [path, hash]));
  return stack.files
    .filter(({ path, once }) => once !== true && Object.hasOwn(written, path))
    .flatMap(({ path }) => {
      const hash = there.get(path);
      if (hash === undefined) return [missing(path, stack.project)];
      const isAsDecided = written[path] === hash || isKeptAgainstAny(written[path], hash);
      return isAsDecided ? [] : [edited(path, stack.project)];
    });
});
