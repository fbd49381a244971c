// Whether the lab's names lead to this machine: as this machine sees it, and as the lab's own name server says.
import type { RenderedName } from '../../model/stack/stack.ts';
import type { NameAnswer } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { isUp, withStack } from './check.ts';

function isRight(answer: readonly string[], { addresses }: RenderedName): boolean {
  return answer.length > 0 && answer.every((address) => addresses.includes(address));
}

/** This machine alone may name itself so, in its hosts file. */
function withoutLoopback(answer: readonly string[], { addresses }: RenderedName): readonly string[] {
  return answer.map((address) => (address.startsWith('127.') ? (addresses[0] ?? address) : address));
}

function shown(answer: readonly string[] | null): string {
  return answer === null ? 'no answer' : answer.length === 0 ? 'no such name' : answer.join(', ');
}

function wrongAtLab(name: RenderedName, { lab }: NameAnswer): readonly Finding[] {
  if (lab !== null && isRight(lab, name)) return [];
  return [
    {
      key: 'names.lab-server-wrong',
      severity: 'error',
      subject: name.name,
      message:
        lab === null
          ? `The name server of the lab does not answer for ${name.name}.`
          : `The name server of the lab has another answer for ${name.name} than it should.`,
      next:
        lab === null
          ? 'See how it does: autogit stack logs coredns; then autogit stack restart coredns'
          : 'See whether somebody has changed its file: autogit stack plan. To have it as AutoGit writes it: autogit stack up --replace coredns/Corefile',
      evidence: [`${name.name}: ${shown(lab)}, should be ${name.addresses.join(', ')}`],
    },
  ];
}

function wrongHere(name: RenderedName, { here }: NameAnswer, own: boolean): readonly Finding[] {
  if (here === null || isRight(withoutLoopback(here, name), name)) return [];
  return [
    {
      key: 'names.not-resolved',
      severity: own ? 'info' : 'warning',
      subject: name.name,
      message:
        here.length === 0
          ? `This machine does not know the name ${name.name}: it asks a name server that knows nothing of the lab.`
          : `On this machine ${name.name} leads to ${here.join(', ')} and not to ${name.addresses.join(', ')}.`,
      next: own
        ? `Let your router give ${name.addresses[0] ?? 'this machine'} to all devices as their name server (DHCP), or enter it in this machine alone; autogit names verify tries it again.`
        : 'Enter the records at your name server: autogit names show; autogit names verify tries it again.',
      evidence: [`${name.name}: ${shown(here)}`],
    },
  ];
}

export const checkResolution = withStack((stack, subject) => {
  if (!isUp(subject)) return [];
  const hasServer = stack.answers.dns.mode === 'coredns';
  return stack.names.flatMap((name) => {
    const answer = subject.around.names.find((one) => one.name === name.name);
    if (answer === undefined) return [];
    return [...(hasServer ? wrongAtLab(name, answer) : []), ...wrongHere(name, answer, hasServer)];
  });
});
