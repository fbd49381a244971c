// The rights of a container, as engines are asked for them: none beyond the named ones, but for the one that registers emulators.
import { describe, expect, it } from 'vitest';
import { renderContainerBody } from '../../../../main/adapters/engine/container-body.ts';
import type { ContainerSpec } from '../../../../main/ports.ts';

const spec: ContainerSpec = {
  ...{
    name: 'one',
    image: 'i:1',
    entrypoint: [],
    command: [],
    env: {},
    labels: {},
    network: 'none',
    aliases: [],
  },
  ...{
    publish: [],
    volumes: {},
    cpus: null,
    memoryMiB: null,
    stopSignal: 'SIGKILL',
    capabilities: ['CHOWN'],
  },
};
const bodyOf = (change: Partial<ContainerSpec>, kind: 'docker' | 'podman' = 'docker') =>
  renderContainerBody(
    { ...spec, ...change },
    { kind, rootless: false, host: '' },
    { address: null, hosts: [] },
  );

describe('a container', () => {
  it('has the rights that are named, and can get no others', () => {
    expect(bodyOf({})).toMatchObject({
      HostConfig: { CapDrop: ['ALL'], CapAdd: ['CHOWN'], SecurityOpt: ['no-new-privileges'] },
    });
    expect(bodyOf({})).not.toHaveProperty('HostConfig.Privileged');
  });

  it('that registers emulators may change the settings of the kernel, and with Docker nothing more', () => {
    expect(bodyOf({ privileged: true })).toMatchObject({
      HostConfig: { CapDrop: ['ALL'], CapAdd: ['SYS_ADMIN'], MaskedPaths: [], ReadonlyPaths: [] },
    });
    expect(bodyOf({ privileged: true })).not.toHaveProperty('HostConfig.Privileged');
    expect(bodyOf({ privileged: true }, 'podman')).toMatchObject({ HostConfig: { Privileged: true } });
  });

  it('without a network is in none', () => {
    expect(bodyOf({})).not.toHaveProperty('NetworkingConfig');
    expect(bodyOf({ network: 'n' })).toMatchObject({ NetworkingConfig: { EndpointsConfig: { n: {} } } });
  });
});
