// The fake folders and those of this machine under one suite: what tests believe of them is true.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createStackFolder } from '../../../../main/adapters/stack/stack-folder.ts';
import { FakeStackFolder } from '../../../fakes/fake-stack-folder.ts';
import { temporaryFolder } from '../host/temporary.ts';
import { describeStackFolder } from './folder-suite.ts';

describeStackFolder('the fake folders', () => {
  const folder = new FakeStackFolder();
  return {
    ...{ folder, place: '/srv' },
    file: (lab, file) => folder.file(lab, file),
    modeOf: (lab, file) => folder.modeOf(lab, file),
  };
});

describeStackFolder('folders of this machine', () => {
  const place = temporaryFolder();
  const folder = createStackFolder({ stacks: path.join(place, 'stack') });
  const at = (lab: string, file: string): string => path.join(place, 'stack', lab, file);
  return {
    ...{ folder, place },
    file: (lab, file) => readFileSync(at(lab, file), 'utf8'),
    modeOf: (lab, file) => statSync(at(lab, file)).mode & 0o777,
  };
});
