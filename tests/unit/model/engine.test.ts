import { describe, expect, it } from 'vitest';
import { parseDockerDetails, parsePodmanDetails } from '../../../main/adapters/engine/details.ts';
import { checksHealth, confinesBySelinux } from '../../../main/model/engine.ts';

describe('an engine', () => {
  it('confines containers with SELinux where it says so itself', () => {
    const docker = (SecurityOptions: readonly string[]): boolean =>
      confinesBySelinux({ details: parseDockerDetails({ SecurityOptions }) });
    expect(docker(['name=seccomp,profile=builtin', 'name=selinux'])).toBe(true);
    expect(docker(['name=seccomp,profile=builtin', 'name=cgroupns'])).toBe(false);
    const podman = (selinuxEnabled: boolean): boolean =>
      confinesBySelinux({ details: parsePodmanDetails({ host: { security: { selinuxEnabled } } }) });
    expect([podman(true), podman(false)]).toEqual([true, false]);
    expect(confinesBySelinux({})).toBe(false);
  });

  it('has nobody who runs health checks where Podman finds no systemd', () => {
    const podman = (cgroupManager: string): boolean =>
      checksHealth({ kind: 'podman', details: parsePodmanDetails({ host: { cgroupManager } }) });
    expect([podman('systemd'), podman('cgroupfs')]).toEqual([true, false]);
    expect(checksHealth({ kind: 'podman' })).toBe(false);
    expect(checksHealth({ kind: 'docker', details: parseDockerDetails({ CgroupDriver: 'none' }) })).toBe(
      true,
    );
  });
});
