// Bodies recorded from Docker 20.10.24 and Podman 4.3.1.
import { describe, expect, it } from 'vitest';
import {
  connectionError,
  isDuplicate,
  isGone,
  isGoneOrGoing,
  isNotRunning,
  parseRefusal,
  refusalError,
} from '../../../../main/adapters/engine/errors.ts';

const docker = (message: string): string => `${JSON.stringify({ message })}\n`;
const podman = (message: string, cause: string): string => JSON.stringify({ cause, message, response: 500 });

describe('refusals of engines', () => {
  it.each([
    ['engine.image-missing', 404, docker('No such image: nope:1')],
    [
      'engine.image-missing',
      404,
      podman('no such image: docker.io/library/nope:1: image not known', 'image not known'),
    ],
    [
      'engine.image-missing',
      404,
      docker("pull access denied for nope, repository does not exist or may require 'docker login': denied"),
    ],
    [
      'engine.image-missing',
      404,
      docker('manifest for debian:nope not found: manifest unknown: manifest unknown'),
    ],
    [
      'engine.name-taken',
      409,
      docker(
        'Conflict. The container name "/epr1" is already in use by container "f067ecc0". You have to remove (or rename) that container to be able to reuse that name.',
      ),
    ],
    [
      'engine.name-taken',
      500,
      podman(
        'container create: creating container storage: the container name "epr1" is already in use by 362a60f1. You have to remove that container to be able to reuse that name: that name is already in use',
        'that name is already in use',
      ),
    ],
    [
      'engine.in-use',
      403,
      docker('error while removing network: network eprn id 27c001a3 has active endpoints'),
    ],
    [
      'engine.in-use',
      500,
      podman(
        '"eprn" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used',
        'network is being used',
      ),
    ],
    ['engine.in-use', 409, docker('remove eprv: volume is in use - [f067ecc0]')],
    [
      'engine.in-use',
      409,
      podman('volume eprv is being used by the following container(s): 362a', 'volume is being used'),
    ],
    [
      'engine.in-use',
      409,
      docker(
        'conflict: unable to remove repository reference "epr:1" (must force) - container f067ecc0b7e9 is using its referenced image 70507d129010',
      ),
    ],
    [
      'engine.in-use',
      409,
      podman(
        'image epr:1 is in use: image used by 362a: image is in use by a container',
        'image is in use by a container',
      ),
    ],
    [
      'engine.no-space',
      500,
      docker('Error processing tar file(exit status 1): write /big: no space left on device'),
    ],
    [
      'engine.refused',
      500,
      docker(
        'driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:80: bind: address already in use',
      ),
    ],
    [
      'engine.refused',
      409,
      docker(
        'You cannot remove a running container f067ecc0. Stop the container before attempting removal or force remove',
      ),
    ],
    ['engine.refused', 404, docker('No such container: epr1')],
    ['engine.refused', 502, '<html>Bad gateway</html>'],
    ['engine.refused', 500, ''],
  ])('%s for %i %s', (key, status, body) => {
    expect(refusalError(parseRefusal(status, body), 'do it').key).toBe(key);
  });

  it('keeps the words of the engine and what it was asked', () => {
    const error = refusalError(
      parseRefusal(500, docker('failed to create endpoint')),
      'start the container web',
    );
    expect(error.message).toBe(
      'The container engine refused to start the container web: failed to create endpoint',
    );
    expect(error.next).not.toBe('');
    expect(refusalError(parseRefusal(502, '<html>Bad gateway</html>'), 'x').message).toContain('Bad gateway');
    expect(refusalError(parseRefusal(500, ''), 'x').message).toContain('status 500');
  });

  it('knows when a refusal means that there is nothing left to do', () => {
    const stopped = [
      parseRefusal(409, docker('Cannot kill container: epr1: Container f067ecc0 is not running')),
      parseRefusal(
        500,
        podman('can only kill running containers. 362a is in state exited: container state improper', 'x'),
      ),
    ];
    expect(stopped.map(isNotRunning)).toEqual([true, true]);
    expect(stopped.map(isGone)).toEqual([false, false]);
    const gone = parseRefusal(
      404,
      podman('no container with name or ID "epr1" found: no such container', 'x'),
    );
    expect([isGone, isNotRunning, isGoneOrGoing].map((is) => is(gone))).toEqual([true, true, true]);
    const going = parseRefusal(409, docker('removal of container f067ecc0 is already in progress'));
    expect([isGone(going), isGoneOrGoing(going)]).toEqual([false, true]);
    expect(isDuplicate(parseRefusal(409, docker('network with name eprn already exists')))).toBe(true);
    expect(
      isDuplicate(parseRefusal(500, podman('network name eprn already used: network already exists', 'x'))),
    ).toBe(true);
    expect(
      isDuplicate(parseRefusal(500, docker('could not find an available, non-overlapping IPv4 pool'))),
    ).toBe(false);
  });
});

describe('connections that fail', () => {
  const failed = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

  it.each([
    ['ENOENT', 'engine.unreachable', 'the socket does not exist', true],
    ['ECONNREFUSED', 'engine.unreachable', 'nothing listens', true],
    ['ECONNRESET', 'engine.unreachable', 'connect ECONNRESET', true],
    ['EACCES', 'engine.permission', 'may not use', false],
    ['EPERM', 'engine.permission', 'may not use', false],
  ])('%s is %s', (code, key, words, retry) => {
    const error = connectionError('unix:///x.sock', failed(code));
    expect(error).toMatchObject({ key, retry });
    expect(error.message).toContain(words);
    expect(error.message).toContain('unix:///x.sock');
    expect(error.next).not.toBe('');
  });
});
