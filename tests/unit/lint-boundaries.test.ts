// The walls of the house hold: what must not be imported or called is planted, and refused.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const eslint = new ESLint({ cwd: root });

/** The rules that refuse a text in the place of an existing file. */
async function refusals(file: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

/** With the first line of the text as a title. */
function titled(row: readonly string[]): readonly [string, string, string, string] {
  const [file = '', text = '', rule = ''] = row;
  return [file, text.split('\n', 1)[0] ?? '', rule, text];
}

const boundary = 'boundaries/dependencies';
const imports = 'no-restricted-imports';
const syntax = 'no-restricted-syntax';

function importing(name: string, from: string): string {
  return `import { ${name} } from '${from}';\nexport const planted = ${name};\n`;
}

// The first look reads the whole program, which takes seconds on a busy machine.
beforeAll(async () => {
  await refusals('main/model/job.ts', '');
}, 120_000);

describe('import boundaries', () => {
  it.each(
    [
      ['main/plan/plan.ts', importing('readFileSync', 'node:fs'), imports],
      ['main/plan/plan.ts', importing('setTimeout', 'node:timers/promises'), imports],
      ['main/plan/plan.ts', importing('connectGitlab', '../adapters/gitlab/connect-gitlab.ts'), boundary],
      ['main/plan/plan.ts', importing('createLog', '../log.ts'), boundary],
      ['main/model/job.ts', importing('plan', '../plan/plan.ts'), boundary],
      ['main/contract/contract.ts', importing('plan', '../plan/plan.ts'), boundary],
      ['main/contract/contract.ts', importing('createServer', 'node:http'), imports],
      ['main/coordinator/lab.ts', importing('Dialog', 'electron'), imports],
      ['main/index.ts', importing('app', 'electron'), imports],
      ['main/coordinator/lab.ts', importing('connectEngine', '../adapters/engine/connect.ts'), boundary],
      ['main/coordinator/lab.ts', importing('execFile', 'node:child_process'), imports],
      ['main/apply/executor.ts', importing('plan', '../plan/plan.ts'), boundary],
      ['main/apply/executor.ts', importing('syncFolder', '../durable.ts'), boundary],
      ['main/observe/watch-engine.ts', importing('startRunner', '../apply/start-runner.ts'), boundary],
      ['main/detect/pci.ts', importing('readFile', 'node:fs/promises'), imports],
      ['main/detect/pci.ts', importing('createProbe', '../adapters/host/probe.ts'), boundary],
      ['main/cli/main.ts', importing('openStore', '../adapters/store/open-store.ts'), boundary],
      ['main/cli/main.ts', importing('plan', '../plan/plan.ts'), boundary],
      ['main/serve/serve.ts', importing('createLab', '../coordinator/lab.ts'), boundary],
      ['main/adapters/gitlab/queue.ts', importing('createHost', '../host/host.ts'), boundary],
      ['main/adapters/host/host.ts', importing('Gitlab', '@gitbeaker/rest'), imports],
      [
        'main/adapters/gitlab/queue.ts',
        "import Docker from 'dockerode';\nexport const planted = Docker;\n",
        imports,
      ],
      ['main/coordinator/lab.ts', "import Db from 'better-sqlite3';\nexport const planted = Db;\n", imports],
      ['main/plan/plan.ts', "import Db from 'better-sqlite3';\nexport const planted = Db;\n", imports],
      ['main/plan/plan.ts', importing('Gitlab', '@gitbeaker/rest'), imports],
      ['main/sandbox/server.ts', importing('AutoGitError', '../errors.ts'), boundary],
      ['main/ports.ts', importing('plan', './plan/plan.ts'), boundary],
      ['renderer/app.tsx', importing('createCore', '../main/index.ts'), boundary],
      ['renderer/client.ts', importing('AutoGitError', '../main/errors.ts'), boundary],
      ['renderer/client.ts', importing('ipcRenderer', 'electron'), imports],
      ['renderer/features/pools/pools-page.tsx', importing('JobPanel', '../jobs/job-panel.tsx'), boundary],
      ['renderer/features/jobs/jobs-page.tsx', importing('App', '../../app.tsx'), boundary],
      ['renderer/ui/button.tsx', importing('JobPanel', '../features/jobs/job-panel.tsx'), boundary],
      ['renderer/state/live.ts', importing('Button', '../ui/button.tsx'), boundary],
      ['renderer/transports/http.ts', importing('followLab', '../state/live.ts'), boundary],
    ].map(titled),
  )('%s may not hold: %s', async (file, _, rule, text) => {
    expect(await refusals(file, text)).toContain(rule);
  });

  it.each(
    [
      ['main/coordinator/lab.ts', 'export const planted = Date.now();\n'],
      ['main/coordinator/lab.ts', "export const planted = fetch('http://x.test');\n"],
      ['main/apply/executor.ts', 'export const planted = Math.random();\n'],
      ['main/plan/plan.ts', 'export const planted = Date.now();\n'],
      ['main/plan/plan.ts', 'export default 1;\n'],
      ['main/adapters/host/host.ts', 'export enum Planted { A }\n'],
    ].map(titled),
  )('%s may not say: %s', async (file, _, _rule, text) => {
    expect(await refusals(file, text)).toContain(syntax);
  });

  it.each(
    [
      ['main/plan/plan.ts', importing('specHash', '../model/hash.ts')],
      ['main/index.ts', importing('openStore', './adapters/store/open-store.ts')],
      ['main/adapters/host/clock.ts', 'export const planted = Date.now();\n'],
      ['main/adapters/gitlab/queue.ts', importing('AutoGitError', '../../errors.ts')],
      ['main/cli/main.ts', importing('createCore', '../index.ts')],
      ['renderer/app.tsx', importing('JobsPage', './features/jobs/jobs-page.tsx')],
      ['renderer/features/jobs/jobs-page.tsx', importing('Button', '../../ui/button.tsx')],
      ['renderer/features/jobs/jobs-page.tsx', importing('JobPanel', './job-panel.tsx')],
      ['renderer/state/live.ts', importing('contract', '../../main/contract/contract.ts')],
    ].map(titled),
  )('%s may hold: %s', async (file, _, _rule, text) => {
    const found = await refusals(file, text);
    expect(found.filter((rule) => [boundary, imports, syntax].includes(rule))).toEqual([]);
  });
});

it('a hook of React that is not always called is refused', async () => {
  const text =
    "import { useState } from 'react';\nexport function useX(is: boolean) {\n  if (is) useState(0);\n}\n";
  expect(await refusals('renderer/state/use-log.ts', text)).toContain('react-hooks/rules-of-hooks');
});

describe('the pure folders know no Node and no browser', () => {
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(root, 'main/tsconfig.pure.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  if (config === undefined) throw new Error('main/tsconfig.pure.json cannot be read');
  const words = ['process', 'Buffer', 'setTimeout', 'fetch', 'window', 'console', 'performance'];
  const planted = path.join(root, 'main/plan/planted.ts');
  const text = words.map((word, index) => `export const planted${index}: unknown = ${word};\n`).join('');
  const host = ts.createCompilerHost(config.options);
  const program = ts.createProgram([planted, ...config.fileNames], config.options, {
    ...host,
    fileExists: (file) => file === planted || host.fileExists(file),
    readFile: (file) => (file === planted ? text : host.readFile(file)),
    getSourceFile: (file, version) =>
      file === planted ? ts.createSourceFile(file, text, version) : host.getSourceFile(file, version),
  });
  const complaints = program
    .getSemanticDiagnostics(program.getSourceFile(planted))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));

  it.each(words)('%s', (word) => {
    expect(complaints.some((complaint) => complaint.includes(`'${word}'`))).toBe(true);
  });

  it('and everything of the language itself', () => {
    expect(complaints).toHaveLength(words.length);
  });
});
