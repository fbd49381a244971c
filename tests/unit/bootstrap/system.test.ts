// Which family a Linux belongs to, by real os-release files.
import { describe, expect, it } from 'vitest';
import { parseOsRelease } from '../../../main/bootstrap/system.js';

describe('os-release', () => {
  it.each([
    ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', 'debian'],
    ['Ubuntu', 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', 'debian'],
    ['Linux Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['Fedora', 'NAME="Fedora Linux"\nID=fedora\n', 'fedora'],
    ['Rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
    ['Arch', "ID='arch'\n", 'arch'],
    ['Manjaro', 'ID=manjaro\nID_LIKE=arch\n', 'arch'],
    ['openSUSE', 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'suse'],
    ['Alpine', 'ID=alpine\n', 'alpine'],
    ['NixOS', 'ID=nixos\nPRETTY_NAME="NixOS, not debian"\n', 'other'],
    ['an empty file', '', 'other'],
  ])('%s', (_name, text, family) => {
    expect(parseOsRelease(text)).toBe(family);
  });
});
