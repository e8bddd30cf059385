/** Variables of the editor that would change what a child does: it must run as from a plain terminal. */
const ofTheEditor = /^(VSCODE_|ELECTRON_|ML_LIFECYCLE_)|^NODE_OPTIONS$/;

/** The environment for a person's script: without the editor's own variables, unbuffered and in UTF-8 for Python. */
export function scriptEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(from).filter(([key]) => !ofTheEditor.test(key)));
  return {
    ...kept,
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    // Without a window to draw in, plotting must not wait for one.
    ...(kept['MPLBACKEND'] === undefined ? { MPLBACKEND: 'Agg' } : {}),
  };
}
