// Where things are kept: the database, content-addressed objects.
export { openDatabase, type Database, type DatabaseRow } from './database.ts';
export { objectPath, storeObject } from './objects.ts';
