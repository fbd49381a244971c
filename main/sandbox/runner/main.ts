// Entry of the sandbox's runner, a stand-in for `gitlab-runner run-single` in the sandbox only.
import { ProtocolClient } from './client.ts';
import { identify, renderVersion } from './identity.ts';
import { applyPrivateMode, detectShell, observeJobUser } from './job-user.ts';
import type { Runner } from './job-run.ts';
import type { Command } from './options.ts';
import { observeOptions, parseCommand, parseShutdownTimeout, UsageError } from './options.ts';
import { runPack, runUnpack } from './pack-command.ts';
import type { StopSignals } from './run-single.ts';
import { runSingle } from './run-single.ts';
import { assertNever } from '../../model/assert.ts';

const selfCommand = [process.execPath, import.meta.filename] as const;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(command: Command): Promise<void> {
  switch (command.kind) {
    case 'version':
      process.stdout.write(renderVersion());
      return;
    case 'pack':
      return runPack();
    case 'unpack':
      return runUnpack();
    case 'run-single':
      // A token given as a flag would be in the process list, where jobs could read it.
      process.title = 'gitlab-runner';
      return run(command);
    default:
      assertNever(command);
  }
}

async function run(command: Extract<Command, { kind: 'run-single' }>): Promise<void> {
  // Before anything is waited for: the kernel drops a signal to process 1 that nobody listens for.
  const stop = listenForSignals(parseShutdownTimeout(command.flags));
  const options = await observeOptions(command.flags, process.env);
  if (options.ca !== null) trustAlso(options.ca);
  const user = await observeJobUser(options.jobUser);
  if (user !== null && options.configFile !== null) await applyPrivateMode(options.configFile);
  const shell = await detectShell();
  const identity = identify(options.token, options.systemId, shell.name);
  const client = new ProtocolClient(options.url, identity);
  const runner: Runner = { client, identity, options, user, shell, selfCommand };
  say(`Starting AutoGit sandbox runner for ${options.url}, jobs run as ${user?.name ?? 'this user'}`);
  await runSingle(runner, stop, say);
}

/** Node reads NODE_EXTRA_CA_CERTS before any program. Not imported by name: Node 22.18 has everything else of this runner. */
function trustAlso(ca: string): void {
  const tls = process.getBuiltinModule('node:tls');
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca]);
}

/** SIGQUIT: finish and leave. SIGTERM, SIGINT: abort and leave; the second time, or when that takes too long: at once. */
function listenForSignals(shutdownTimeoutMs: number): StopSignals {
  const quit = new AbortController();
  const interrupt = new AbortController();
  const leave = (message: string): void => {
    say(message);
    process.exit(1);
  };
  process.on('SIGQUIT', () => {
    say('Requested quit, waiting for builds to finish');
    quit.abort();
  });
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (interrupt.signal.aborted) leave(`forced exit: ${name}`);
      say(`Requested exit: ${name}`);
      quit.abort();
      interrupt.abort();
      setTimeout(leave, shutdownTimeoutMs, 'shutdown timed out').unref();
    });
  }
  return { quit: quit.signal, interrupt: interrupt.signal };
}

try {
  await main(parseCommand(process.argv.slice(2)));
} catch (error) {
  say(error instanceof UsageError ? `FATAL: ${error.message}` : `FATAL: ${String(error)}`);
  process.exitCode = 1;
}
