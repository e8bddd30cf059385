// A pid alone names no process: it is given out again. With the time the process started it does.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** When the process with this pid started, as opaque text that stays the same while it lives; null where there is none. */
export async function processStart(pid: number): Promise<string | null> {
  try {
    switch (process.platform) {
      case 'linux': {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
        // The name in parentheses may hold anything; fields count from behind it. 3rd: state, 22nd: start in ticks.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return fields[0] === 'Z' ? null : (fields[19] ?? null);
      }
      case 'win32': {
        const { stdout } = await execute('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`], { windowsHide: true });
        return stdout.trim() || null;
      }
      default: {
        const { stdout } = await execute('ps', ['-o', 'lstart=', '-p', String(pid)]);
        return stdout.trim() || null;
      }
    }
  } catch {
    return null;
  }
}

/** Whether the process that started then still runs. */
export async function isRunning(pid: number, start: string): Promise<boolean> {
  return (await processStart(pid)) === start;
}

/** Names this start of the machine (or container), so that pids of another are not mistaken for ours. */
export async function bootId(): Promise<string> {
  if (process.platform === 'linux') {
    const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    if (id !== '') {
      return id.trim();
    }
  }
  // The minute that the machine started in; rounded, since the clock may be set a little.
  return `up-${Math.round((Date.now() / 1000 - os.uptime()) / 600)}`;
}
