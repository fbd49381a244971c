// Which command installs emulators on which distribution.
import { describe, expect, it } from 'vitest';
import { packageCommand, parseOsRelease } from '../../../main/model/emulation-package.ts';

describe('the package with emulators', () => {
  it.each([
    ['ID=debian\nVERSION_ID="12"', 'apt-get install --no-install-recommends qemu-user-static binfmt-support'],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"', 'apt-get install'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'dnf install qemu-user-static'],
    ['ID=arch', 'pacman -S qemu-user-static qemu-user-static-binfmt'],
  ])('of %j is installed with %s', (text, command) => {
    expect(packageCommand(parseOsRelease(text))).toContain(command);
  });

  it.each(['', 'ID=nixos', 'no file of this kind', 'XID=debian'])('of %j is not known', (text) => {
    expect(packageCommand(parseOsRelease(text))).toBeNull();
  });
});
