// Loaded before the command line: once, at one write of the stack's journal, it does what the test says. AUTOGIT_TEST_AT is
// `files:began`, `files:ended` (all is done, and nobody has written that down) or `writing:PATH`; AUTOGIT_TEST_DO is for sh,
// whose $PPID is the command line.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const { AUTOGIT_TEST_AT: wanted, AUTOGIT_TEST_DO: deed = '' } = process.env;
/** @type {[RegExp, (parameters: Record<string, string>) => string][]} */
const kinds = [
  [/^\s*INSERT INTO stack_steps/, ({ step }) => `${step}:began`],
  [/^\s*UPDATE stack_steps SET ended_at/, ({ step }) => `${step}:ended`],
  [/^\s*INSERT INTO stack_files \(lab, path, writing\)/, ({ path }) => `writing:${path}`],
];
let isDone = false;
const Database = createRequire(import.meta.url)('better-sqlite3');
const { prepare } = Database.prototype;
Database.prototype.prepare = /** @param {string} sql */ function (sql) {
  const statement = prepare.call(this, sql);
  const kind = kinds.find(([form]) => form.test(sql));
  if (kind === undefined) return statement;
  const run = statement.run.bind(statement);
  const [, placeOf] = kind;
  statement.run = /** @param {Record<string, string>} parameters */ (parameters) => {
    const place = placeOf(parameters);
    const isNow = !isDone && place === wanted;
    isDone ||= isNow;
    const act = () => isNow && execFileSync('sh', ['-c', deed], { stdio: 'inherit' });
    if (place.endsWith(':ended')) act();
    const result = run(parameters);
    if (!place.endsWith(':ended')) act();
    return result;
  };
  return statement;
};
