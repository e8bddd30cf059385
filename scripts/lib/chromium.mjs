// Finds a Chromium for the tests, and installs one where that can be done without asking.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run, say } from './run.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export const howToGetChromium = 'No Chromium was found. Install Chromium or Google Chrome, or set CHROME_PATH to its program.';

/** The program's path, or undefined. */
export function findChromium() {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [process.env['CHROME_PATH'] ?? '', ...onPath, ...places].find((file) => file !== '' && existsSync(file));
}

/** As findChromium; as root on Debian it installs the distribution's package first where there is none. */
export async function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) {
    return found;
  }
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    say('Installing Chromium from Debian …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', 'chromium'], { env });
    return findChromium();
  }
  return undefined;
}

/** Flags for an unattended browser that speaks to nobody but us. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
