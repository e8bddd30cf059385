// Notebooks that run live: a kernel beside the window, and what the cells put out.
export { KernelBridge, type BridgeOptions, type Execution } from './kernelBridge.ts';
export { TextFollower } from './textFollower.ts';
export { withoutColours, placeInCell } from './kernelErrors.ts';
