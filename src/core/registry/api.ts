// The model registry: committed text files under models/, artifacts by hash in .ml/objects.
export { listModels, readModel, versionDetail } from './read.ts';
export { filesOf, type ArtifactFile } from './artifactFiles.ts';
export { editVersion, registerCandidate, registerVersion, setAlias, type Registration } from './write.ts';
export { resolveModel, resolveVersion, type ResolvedVersion } from './resolve.ts';
export { Catalogue, fileSource, type CatalogueModel, type CatalogueVersion } from './catalogue.ts';
export { asCandidate, Candidates, loggedIn, sourceOf } from './candidates.ts';
export { GateRefusal } from './gates.ts';
export { Promotions } from './promotions.ts';
