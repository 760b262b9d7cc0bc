import { quoted } from '../../files/error.ts';

/** Advice for a pickle that names something of a module, by how the name of the module begins. */
const advice: readonly (readonly [module: RegExp, advice: string])[] = [
  [/^pandas\b/, 'it is of pandas: save the frame with to_parquet or to_csv, or its columns with to_numpy()'],
  [/^torch\.nn\b/, 'it is a PyTorch module: save its state_dict() with torch.save'],
  [/^torch\b/, 'it is of PyTorch: save the tensors with torch.save, or as tensor.numpy()'],
  [/^scipy\.sparse\b/, 'it is a sparse matrix: save matrix.toarray()'],
  [/^(?:tensorflow|jax|jaxlib|cupy)\b/, 'it is an array of another library: save numpy.asarray(array)'],
  [/^numpy\b/, 'it is a kind of NumPy value that is not read: save numbers, text, or an array of them'],
  [/^__main__\b/, 'it is a class of the program that wrote the file: save its fields as a dict'],
  [
    /^(?:os|posix|nt|sys|subprocess|shutil|socket|runpy|importlib|builtins|__builtin__|operator|types|code|pty|ctypes|webbrowser)\b/,
    'data has no use for this one, do not trust the file',
  ],
];

/** Why a global is refused, and what to do. */
export function refusal(module: string, name: string): string {
  const [, what = 'save the data as those'] = advice.find(([pattern]) => pattern.test(module)) ?? [];
  return (
    `the pickle names the forbidden global ${quoted(`${module}.${name}`)}: only NumPy arrays and plain Python values ` +
    `are read and nothing is executed; ${what}.`
  );
}
