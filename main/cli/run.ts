// One run of `autogit`: words in, exit code out.
import type { CliWorld } from './access.ts';
import { checkInput } from './check-input.ts';
import { completionInput, demoInput, labelIn, serveInput, stopInput, webInput } from './commands.ts';
import type { OwnName } from './commands.ts';
import { complete, completeWord, completionScript } from './completion.ts';
import { renderCommandHelp, renderGroupHelp, renderRootHelp } from './help.ts';
import { parseWords } from './parse.ts';
import type { Parsed } from './parse.ts';
import { reportError } from './report.ts';
import { viewOf } from './view.ts';

type Run = Extract<Parsed, { kind: 'run' }>;

function helpText(parsed: Extract<Parsed, { kind: 'help' }>, width: number): string {
  if (parsed.command !== null) return renderCommandHelp(parsed.command, width);
  return parsed.group === null ? renderRootHelp(width) : renderGroupHelp(parsed.group, width);
}

async function runOwn(name: OwnName, { command, given, flags }: Run, world: CliWorld): Promise<number> {
  const label = labelIn(command);
  switch (name) {
    case 'completion':
      world.out.write(completionScript(checkInput(completionInput, given, label).shell));
      return 0;
    case 'serve': {
      const input = checkInput(serveInput, given, label);
      const { runServe } = await import('./serve.ts');
      return runServe(input, world, flags.json);
    }
    case 'stop': {
      checkInput(stopInput, given, label);
      const { runStop } = await import('./stop.ts');
      return runStop(world, flags.json);
    }
    case 'web': {
      checkInput(webInput, given, label);
      const { runWeb } = await import('./web.ts');
      return runWeb(world, flags.json);
    }
    case 'demo': {
      const input = checkInput(demoInput, given, label);
      const { runDemo } = await import('./demo/run-demo.ts');
      return runDemo(input, world, flags.json);
    }
  }
}

async function runParsed(parsed: Parsed, world: CliWorld): Promise<number> {
  switch (parsed.kind) {
    case 'help': {
      const { width } = viewOf(world.out, world);
      world.out.write(helpText(parsed, Math.min(100, width)));
      return 0;
    }
    case 'version': {
      const { version } = await import('../version.ts');
      world.out.write(`${version}\n`);
      return 0;
    }
    case 'run': {
      const { does } = parsed.command;
      if ('own' in does) return runOwn(does.own, parsed, world);
      const asked = { ...parsed, name: does.request };
      if (/^(?:stack|certificate|sso|directory)\./.test(does.request)) {
        const { stackRunOf } = await import('./stack/run-stack.ts');
        const run = stackRunOf(does.request);
        if (run !== undefined) return run(asked, world, viewOf(world.out, world));
      }
      if (does.request.startsWith('backup.')) {
        const { backupRunOf } = await import('./backup/run-backup.ts');
        const run = backupRunOf(does.request);
        if (run !== undefined) return run(asked, world, viewOf(world.out, world));
      }
      if (does.request === 'doctor.run' && asked.given['fix'] === true) {
        const { fixWhatIsWrong } = await import('./doctor-fix.ts');
        return fixWhatIsWrong(asked, world, viewOf(world.out, world));
      }
      if (does.request === 'diagnose.collect') {
        const { runDiagnose } = await import('./diagnose.ts');
        return runDiagnose(asked, world, viewOf(world.out, world));
      }
      const { runRequest } = await import('./request.ts');
      return runRequest(asked, world, viewOf(world.out, world));
    }
  }
}

/** Runs the words typed after `autogit`. Resolves with the exit code; never rejects. */
export async function runCli(words: readonly string[], world: CliWorld): Promise<number> {
  if (words[0] === completeWord) {
    world.out.write(
      complete(words.slice(1))
        .map((word) => `${word}\n`)
        .join(''),
    );
    return 0;
  }
  try {
    return await runParsed(parseWords(words), world);
  } catch (error) {
    const json = words.includes('--json');
    return reportError(error, json, { out: world.out, err: world.err, view: viewOf(world.err, world) });
  }
}
