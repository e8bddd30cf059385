// Files that are not shown: what they are, why, and what opens them.
import path from 'node:path';

const pickle = 'Opening a pickle runs what is in it, so it is not opened here.';
const weights = 'It holds the weights of a model. It is not opened here.';
const archive = 'An archive. Unpack it to see what is in it.';

const known: Record<string, string> = {
  '.pkl': `${pickle} In Python: pickle.load, for a file that you trust.`,
  '.pickle': `${pickle} In Python: pickle.load, for a file that you trust.`,
  '.joblib': `${pickle} In Python: joblib.load, for a file that you trust.`,
  '.pt': `A file of PyTorch. ${pickle} In Python: torch.load(…, weights_only=True).`,
  '.pth': `A file of PyTorch. ${pickle} In Python: torch.load(…, weights_only=True).`,
  '.ckpt': `A checkpoint. ${pickle} Load it with the library that wrote it.`,
  '.safetensors': `${weights} In Python: safetensors.safe_open.`,
  '.onnx': `${weights} In Python: onnxruntime.InferenceSession.`,
  '.keras': `${weights} In Python: keras.models.load_model.`,
  '.h5': 'An HDF5 file. In Python: h5py.File, or keras.models.load_model for a model of Keras.',
  '.npz': 'Several arrays of NumPy. In Python: numpy.load.',
  '.pdf': 'A PDF. “Open whole file” shows it where an extension for PDFs is installed; else open it outside of the editor.',
  '.zip': archive,
  '.gz': archive,
  '.tgz': archive,
  '.tar': archive,
};

/** Why a file is not shown, from its name and first bytes; null for a text. */
export function unopened(name: string, bytes: Buffer): string | null {
  const extension = path.extname(name).toLowerCase();
  if (extension === '.npy') {
    return `${arrayOf(bytes)} In Python: numpy.load.`;
  }
  const reason = known[extension];
  // Some write text under such names.
  return bytes.includes(0) || (reason !== undefined && reason.includes(pickle)) ? (reason ?? 'This is no text, so there is nothing to show here.') : extension === '.pdf' ? (reason ?? null) : null;
}

/** What the header of an array says. */
function arrayOf(bytes: Buffer): string {
  const header = bytes.toString('latin1', 0, 1024);
  const [, type = ''] = /'descr':\s*'([^']{1,40})'/.exec(header) ?? [];
  const [, shape = ''] = /'shape':\s*\(([\d, ]*)\)/.exec(header) ?? [];
  if (!header.startsWith('\x93NUMPY') || type === '') {
    return 'An array of NumPy.';
  }
  const sizes = shape.split(',').map((size) => size.trim()).filter((size) => size !== '');
  const size = sizes.length === 0 ? 'one value' : sizes.length === 1 ? `${sizes[0]} values` : sizes.join(' × ');
  return `An array of NumPy: ${size}, ${typeName(type)}.`;
}

/** As NumPy calls it: `<f8` is float64. */
function typeName(type: string): string {
  const [, kind = '', size = ''] = /^[<>|=]?([fiuc])(\d+)$/.exec(type) ?? [];
  const name = { f: 'float', i: 'int', u: 'uint', c: 'complex' }[kind];
  return name === undefined ? type : `${name}${Number(size) * 8}`;
}
