#!/usr/bin/env node
// The command line: checks Node's version, then hands over to the built CLI.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'runtime', 'cli.js');

if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(`ml-lifecycle needs Node 22.13 or newer; this is Node ${process.versions.node}. Run it through npx in a checkout, or install a newer Node.\n`);
  process.exitCode = 2;
} else if (!existsSync(cli)) {
  process.stderr.write('ml-lifecycle is not built yet. Run "npm run build" in the checkout first.\n');
  process.exitCode = 2;
} else {
  await import(pathToFileURL(cli).href);
}
