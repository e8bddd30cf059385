// A project: its folder, its ml.yaml, and how that file is read and changed.
export { findProject, projectAt, type Project } from './paths.ts';
export { initialiseProject } from './initialise.ts';
export { prepareStateFolder } from './stateFolder.ts';
export { parseProjectFile, readProjectFile, type FileProblem } from './parse.ts';
export { addDataset, saveEntry, saveModelEntry } from './edit.ts';
export { gateOf, type Gate } from './gates.ts';
export { nearest } from './nearest.ts';
