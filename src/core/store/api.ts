// Where things are kept: the database, content-addressed objects.
export { isDiskFull, openDatabase, openReader, type Database, type DatabaseRow, type Values } from './database.ts';
export { objectPath, storeObject } from './objects.ts';
