// Where things are kept: the database, content-addressed objects.
export { isDiskFull, openDatabase, openReader, type Database, type DatabaseRow, type Values } from './database.ts';
export { bringDatabase, databasePlace, type DatabasePlace } from './placement.ts';
export { objectPath, storeFile, storeObject } from './objects.ts';
