// Which program is at the other end of a connection from this machine.
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { processStart } from './processIdentity.ts';

const execute = promisify(execFile);

/** A process and when it started, as {@link processStart} gives it. */
export interface ProcessIdentity {
  pid: number;
  start: string;
}

/** These pass on what somebody elsewhere says: their end says nothing about that somebody. */
const relays = /^(sshd?|sshd-session|docker-proxy|rootlessport|slirp4netns|kubectl|socat|wslrelay)\b/i;

/**
 * The processes that hold the end of a loopback connection with this local port: more than one where a process forked.
 * None where that cannot be told, as for a program in a container or behind a tunnel.
 */
export async function processesAtPort(port: number): Promise<ProcessIdentity[]> {
  try {
    const found = await Promise.all((await pidsAtPort(port)).map(async (pid) => ({ pid, start: await processStart(pid) })));
    return found.flatMap(({ pid, start }) => (start === null || pid === process.pid ? [] : [{ pid, start }]));
  } catch {
    return [];
  }
}

async function pidsAtPort(port: number): Promise<number[]> {
  switch (process.platform) {
    case 'linux':
      return holdersOf(await socketAtPort(port));
    case 'win32': {
      const { stdout } = await execute('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', `(Get-NetTCPConnection -LocalPort ${port} -State Established).OwningProcess`], { windowsHide: true });
      return stdout.split(/\s+/).map(Number).filter((pid) => pid > 0);
    }
    default: {
      const { stdout } = await execute('lsof', ['-nP', '-a', `-iTCP@127.0.0.1:${port}`, '-sTCP:ESTABLISHED', '-Fpcn']);
      // Fields stand on lines of their own: the process, its command, then each of its sockets as local->remote.
      return stdout.split(/^p/m).flatMap((one) => {
        const [pid = '', command = ''] = one.split('\n');
        return new RegExp(`^n\\S*:${port}->`, 'm').test(one) && !relays.test(command.slice(1)) ? [Number(pid)] : [];
      });
    }
  }
}

/** The kernel's number of the established socket with this local port; null where there is none. */
async function socketAtPort(port: number): Promise<string | null> {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, '0');
  // A client that asks for IPv6 first connects with a mapped address, which stands in the second table.
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const [, local = '', , state, , , , , , inode = '0'] = line.trim().split(/\s+/);
      if (state === '01' && local.endsWith(`:${hexadecimal}`) && inode !== '0') {
        return inode;
      }
    }
  }
  return null;
}

async function holdersOf(inode: string | null): Promise<number[]> {
  if (inode === null) {
    return [];
  }
  const holders: number[] = [];
  // One after the other: whatever else this process does with files comes between.
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await holds(path.join('/proc', pid), inode)) {
      holders.push(Number(pid));
    }
  }
  return holders;
}

/** What cannot be looked into is another user's. */
async function holds(folder: string, inode: string): Promise<boolean> {
  const handles = await readdir(path.join(folder, 'fd')).catch(() => []);
  const links = await Promise.all(handles.map((handle) => readlink(path.join(folder, 'fd', handle)).catch(() => '')));
  return links.includes(`socket:[${inode}]`) && !relays.test(await readFile(path.join(folder, 'comm'), 'utf8').catch(() => ''));
}
