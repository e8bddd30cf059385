// The model registry: committed text files under models/, artifacts by hash in .ml/objects.
export { listModels, readModel, versionDetail } from './read.ts';
export { editVersion, registerVersion, setAlias, type Registration } from './write.ts';
export { resolveModel } from './resolve.ts';
export { Catalogue, fileSource, type CatalogueModel, type CatalogueVersion } from './catalogue.ts';
