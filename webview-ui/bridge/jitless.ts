// Must be imported before any schema: zod's compiler would trip the Content-Security-Policy.
import * as z from 'zod/mini';

z.config({ jitless: true });
