// What a workspace keeps of the Experiments view's arrangement, and what programs pass. Loaded when it is read.
import * as z from 'zod/mini';
import type { Arrangement } from './arrangement.ts';
import type * as groups from './runGroups.ts';

export type GroupBy = groups.GroupBy;
export const GroupBy: z.ZodMiniType<groups.GroupBy> = z.discriminatedUnion('by', [
  z.object({ by: z.enum(['experiment', 'script', 'status', 'day', 'parent']) }),
  z.object({ by: z.enum(['tag', 'param']), key: z.string() }),
]);

export type SortBy = groups.SortBy;
export const SortBy = z.enum(['newest', 'best', 'longest']) satisfies z.ZodMiniType<groups.SortBy>;

export const KeptArrangement: z.ZodMiniType<Arrangement> = z.object({ filter: z.string(), group: GroupBy, sort: SortBy, archived: z.boolean() });
