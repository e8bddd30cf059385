// Runs commands of the built command line, as scripts and continuous integration do.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, ScriptError } from './run.mjs';

/**
 * One command in a project's folder; gives its JSON document.
 * @param {string} project @param {string[]} args
 * @returns {Promise<any>}
 * @throws ScriptError where it ends with another status than 0
 */
export function cli(project, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), args[0] ?? '', '--json', ...args.slice(1)], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new ScriptError(`ml-lifecycle ${args.join(' ')} ended with status ${code}.\n${log}`))));
  });
}
