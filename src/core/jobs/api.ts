// Long work: the queue that the project server keeps, and what a job runner does with one job.
export { JobQueue, type QueueEvents } from './queue.ts';
export { endTree } from './processTree.ts';
export { trackingVariables, type TrackingAddress } from './environment.ts';
export { runTask } from './runTask.ts';
