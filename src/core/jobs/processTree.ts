import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How long a process may take to end by itself before it is killed. In milliseconds. */
const patience = 5000;

/** Ends a process that leads its own group, with everything that it started: asks first, then kills. */
export async function endTree(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await promisify(execFile)('taskkill', ['/T', '/F', '/PID', String(pid)], { windowsHide: true }).catch(() => undefined);
    return;
  }
  if (!signalGroup(pid, 'SIGTERM')) {
    return;
  }
  for (let waited = 0; waited < patience; waited += 100) {
    await pause(100);
    if (!signalGroup(pid, 0)) {
      return;
    }
  }
  signalGroup(pid, 'SIGKILL');
}

/** Ends at once what is left of a group whose leader is gone. */
export function killTree(pid: number): void {
  if (process.platform !== 'win32') {
    signalGroup(pid, 'SIGKILL');
  }
}

/** False where the group is gone. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
