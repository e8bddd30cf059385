// The keys of endpoints, in the editor's secret storage: the server itself keeps only their hashes.
import type { Editor } from '../platform/editor.ts';
import type { EndpointTarget } from './endpoints.ts';

const place = (project: string, endpoint: string): string => `mlLifecycle.endpointKey\n${project}\n${endpoint}`;

/** The key of this endpoint, where this editor saw it being made. */
export async function keptKey({ context }: Editor, project: string, endpoint: string): Promise<string | undefined> {
  return context.secrets.get(place(project, endpoint));
}

export async function keepKey({ context }: Editor, project: string, endpoint: string, key: string): Promise<void> {
  await context.secrets.store(place(project, endpoint), key);
}

export async function forgetKey({ context }: Editor, { session, endpoint }: EndpointTarget): Promise<void> {
  await context.secrets.delete(place(session.project.root, endpoint.name));
}
