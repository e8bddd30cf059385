// How a client finds the project server and how a server proves that it is the one.
export { readServerFile, removeServerFile, serverPaths, writeServerFile, readToken, makeToken, hostName, whereabouts, type FoundServer } from './serverFile.ts';
export { bootId, processStart, isRunning } from './processIdentity.ts';
export { folderIdentity } from './folderIdentity.ts';
export { proofOf } from './proof.ts';
export { processesAtPort, type ProcessIdentity } from './connectedProcess.ts';
