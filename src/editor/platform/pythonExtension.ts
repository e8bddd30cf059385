// A module of its own, loaded on demand: a CommonJS package can be bundled apart only behind one.
import { PythonExtension } from '@vscode/python-extension';

/** The Python extension's API. It must be installed. */
export function pythonExtensionApi(): Promise<PythonExtension> {
  return PythonExtension.api();
}
