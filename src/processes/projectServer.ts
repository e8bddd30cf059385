// The project server: `project-server.js --project ROOT [--foreground] [--port P]`, token in ML_LIFECYCLE_TOKEN.
import process from 'node:process';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { toFailure } from '../contracts/errors.ts';
import { serve } from './projectServer/serve.ts';

z.config(z.locales.en());

const { values } = parseArgs({ options: { project: { type: 'string' }, foreground: { type: 'boolean', default: false }, port: { type: 'string' } } });
const { ML_LIFECYCLE_TOKEN: token, ML_LIFECYCLE_IDLE_SECONDS: idle } = process.env;
// Jobs inherit this environment; the token is not theirs.
delete process.env['ML_LIFECYCLE_TOKEN'];

try {
  await serve({
    root: values.project ?? process.cwd(),
    foreground: values.foreground,
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(token === undefined ? {} : { token }),
    idleSeconds: Number(idle ?? 30),
  });
  process.exit(0);
} catch (error) {
  // What started this process shows these words.
  console.error(toFailure(error).message);
  process.exit(1);
}
