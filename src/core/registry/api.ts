// The model registry: committed text files under models/, artifacts by hash in .ml/objects.
export { listModels, readModel, versionDetail } from './read.ts';
export { registerCandidate, registerVersion, setAlias, type Registration } from './write.ts';
export { resolveModel, resolveVersion, type ResolvedVersion } from './resolve.ts';
