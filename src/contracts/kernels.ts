// What a window and python/kernel_bridge.py say to each other: a line of JSON each.
import * as z from 'zod/mini';

/** An error as a kernel gives it. The traceback may hold the colours of a terminal. */
export const KernelError = z.object({ ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) });
export type KernelError = z.infer<typeof KernelError>;

/** Contents by MIME type: text, base64 for pictures, or JSON. */
export const MimeBundle = z.record(z.string(), z.unknown());
export type MimeBundle = z.infer<typeof MimeBundle>;

const Displayed = z.object({ data: MimeBundle, transient: z.optional(z.object({ display_id: z.optional(z.string()) })) });

/** What a cell puts out, by the names of Jupyter's messages. */
export const KernelOutput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stream'), content: z.object({ name: z.enum(['stdout', 'stderr']), text: z.string() }) }),
  z.object({ kind: z.literal('display_data'), content: Displayed }),
  z.object({ kind: z.literal('execute_result'), content: Displayed }),
  z.object({ kind: z.literal('update_display_data'), content: Displayed }),
  z.object({ kind: z.literal('error'), content: KernelError }),
  z.object({ kind: z.literal('clear_output'), content: z.object({ wait: z.optional(z.boolean()) }) }),
]);
export type KernelOutput = z.infer<typeof KernelOutput>;

export const BridgeMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), pid: z.nullable(z.int()), executable: z.string(), version: z.string() }),
  z.object({ type: z.literal('output'), id: z.string(), kind: z.string(), content: z.unknown() }),
  z.object({ type: z.literal('question'), id: z.string(), prompt: z.string(), password: z.boolean() }),
  z.object({ type: z.literal('done'), id: z.string(), status: z.string(), execution_count: z.nullable(z.int()), error: z.nullable(KernelError) }),
  /** The kernel's process ended by itself; another is started, and `ready` follows. */
  z.object({ type: z.literal('died') }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type BridgeMessage = z.infer<typeof BridgeMessage>;

export type BridgeCommand =
  | { type: 'execute'; id: string; code: string; hidden: boolean }
  | { type: 'input'; text: string }
  | { type: 'interrupt' }
  | { type: 'restart' };

/** What python/live_tracking.py prints behind its mark, where it begins or looks. */
export const KernelFacts = z.object({
  pid: z.int(),
  host: z.string(),
  executable: z.string(),
  version: z.string(),
  cwd: z.string(),
  /** Why MLflow in this kernel does not log into the project; null where it does. */
  untracked: z.nullable(z.string()),
  /** `on`, `off`, or `off: ` and why. */
  autologging: z.string(),
});
export type KernelFacts = z.infer<typeof KernelFacts>;
