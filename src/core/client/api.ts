// How windows and the command line reach the project server.
export { connect, connectRunning, type RuntimeLocation } from './connect.ts';
export type { ProjectClient } from './projectClient.ts';
export { QueryWorker } from './queryWorker.ts';
