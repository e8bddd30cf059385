// Endpoints: model versions that are served on this machine, each endpoint by a model server of its own.
export { Endpoints, type EndpointsOptions, type ServedFile } from './endpoints.ts';
