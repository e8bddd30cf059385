// What an interpreter has of what a script imports.
import { execFile } from 'node:child_process';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/userError.ts';
import type { NeededModule } from '../scripts/api.ts';

const Names = z.array(z.string());

/** Packages whose name on PyPI is not the one that is imported. */
const distributions: Record<string, string> = {
  sklearn: 'scikit-learn', cv2: 'opencv-python', PIL: 'pillow', yaml: 'pyyaml', skimage: 'scikit-image', bs4: 'beautifulsoup4',
  dateutil: 'python-dateutil', dotenv: 'python-dotenv', imblearn: 'imbalanced-learn', umap: 'umap-learn', faiss: 'faiss-cpu',
  pytorch_lightning: 'pytorch-lightning', attr: 'attrs', attrs: 'attrs', jwt: 'pyjwt', hydra: 'hydra-core', Crypto: 'pycryptodome',
  OpenSSL: 'pyopenssl', docx: 'python-docx', pptx: 'python-pptx', serial: 'pyserial', mpl_toolkits: 'matplotlib', pylab: 'matplotlib',
  pkg_resources: 'setuptools', absl: 'absl-py', community: 'python-louvain', psycopg2: 'psycopg2-binary', MySQLdb: 'mysqlclient',
  zmq: 'pyzmq', git: 'gitpython', fitz: 'pymupdf', osgeo: 'gdal', Bio: 'biopython', ruamel: 'ruamel.yaml', magic: 'python-magic',
  Levenshtein: 'levenshtein', surprise: 'scikit-surprise', snowflake: 'snowflake-connector-python', tensorboard: 'tensorboard',
};

/** The name on PyPI of what is imported as `module`. */
export function distributionOf(module: string): string {
  return Object.hasOwn(distributions, module) ? (distributions[module] ?? module) : module;
}

// -I keeps the working folder out; the user's own packages, which it keeps out too, belong to a plain run and are added.
const inspection = `
import sys, json, os, site, importlib.util
if sys.prefix == sys.base_prefix:
    try: site.addsitedir(site.getusersitepackages())
    except Exception: pass
sys.path[:0] = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
def there(name):
    try: return name in sys.builtin_module_names or importlib.util.find_spec(name) is not None
    except Exception: return False
print(json.dumps([name for name in sys.argv[1:] if there(name)]))
`;

const listing = `
import json
from importlib import metadata
found = {}
for each in metadata.distributions():
    name = each.metadata["Name"]
    if name: found.setdefault(name.lower().replace("_", "-"), name + "==" + each.version)
print(json.dumps(sorted(found.values(), key=str.lower)))
`;

/** Which of these modules an interpreter has; looked up without importing them. @throws UserError where it does not answer. */
export async function presentModules(interpreter: string, modules: readonly string[]): Promise<Set<string>> {
  return new Set(modules.length === 0 ? [] : Names.parse(JSON.parse(await ask(interpreter, inspection, modules, 30_000))));
}

/** What is installed, as `name==version` a line, sorted. @throws UserError where the interpreter does not answer in time. */
export async function installedPackages(interpreter: string, timeout = 10_000): Promise<string[]> {
  return Names.parse(JSON.parse(await ask(interpreter, listing, [], timeout)));
}

export interface MissingPackage {
  module: string;
  /** Its name on PyPI. */
  distribution: string;
  file: string;
  /** Counts from 0. */
  line: number;
}

/** What of a script's modules an interpreter lacks. Modules whose absence the script catches are left out. */
export async function missingPackages(interpreter: string, needed: readonly NeededModule[]): Promise<MissingPackage[]> {
  const wanted = needed.filter((each) => !each.optional);
  const present = await presentModules(interpreter, wanted.map((each) => each.name));
  return wanted.filter((each) => !present.has(each.name)).map(({ name, file, line }) => ({ module: name, distribution: distributionOf(name), file, line }));
}

function ask(interpreter: string, program: string, args: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(interpreter, ['-I', '-c', program, ...args], { timeout, windowsHide: true, encoding: 'utf8', maxBuffer: 50_000_000 }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
      } else {
        const why = error.killed ? `did not answer within ${timeout / 1000} seconds` : `failed: ${stderr.trim().split('\n').at(-1) || error.message}`;
        reject(new UserError(`${interpreter} was asked for its packages and ${why}.`, { file: interpreter }));
      }
    });
  });
}
