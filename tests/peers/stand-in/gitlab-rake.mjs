// `gitlab-rake`: checks in GitLab's words. What it finds it tells, and ends well all the same, as GitLab's own does:
// https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/gitlab/doctor/secrets.rb
import { readFileSync } from 'node:fs';
import { digestOfKey, keyMark } from './secrets.mjs';

const [task = ''] = process.argv.slice(2);
if (task === 'gitlab:doctor:secrets') {
  const failures = readFileSync(keyMark, 'utf8') === digestOfKey() ? 0 : 1;
  const lines = [
    'Checking encrypted values in the database',
    `- ApplicationSetting failures: ${failures}`,
    `Total: ${failures} row(s) affected`,
    'Done!',
  ];
  for (const line of lines)
    process.stdout.write(`I, [${new Date().toISOString()} #1]  INFO -- : \u001b[34m${line}\u001b[0m\n`);
} else process.stdout.write(`Checking ${task} ... Finished\n`);
