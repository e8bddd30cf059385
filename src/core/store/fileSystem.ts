import { statfs } from 'node:fs/promises';

/** What Linux calls the file systems that other machines, or other programs, stand behind (statfs(2)). */
const networkTypes: Record<number, string> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'SMB',
  0xfe534d42: 'SMB',
  0x01021997: '9p',
  0x65735546: 'FUSE',
  0x5346414f: 'AFS',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x19830326: 'BeeGFS',
  0x47504653: 'GPFS',
  0x786f4256: 'VirtualBox',
};

/**
 * The name of the network file system that a folder lies on; null where it is on a disk of this machine, or where the
 * system does not tell (macOS, mapped drives of Windows).
 */
export async function networkFileSystem(folder: string): Promise<string | null> {
  if (process.platform === 'win32') {
    return folder.startsWith('\\\\') ? 'SMB' : null;
  }
  if (process.platform !== 'linux') {
    return null;
  }
  // Some systems give the number with its sign.
  const type = await statfs(folder).then((facts) => facts.type >>> 0, () => 0);
  return networkTypes[type] ?? null;
}
