// Names of files that a project is found by. Apart from the schemas, which the start of the editor does not need.

/** The file's name at a project's root. */
export const projectFileName = 'ml.yaml';
/** The tool's own folder beside it. */
export const stateFolderName = '.ml';
