import { describe, expect, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import { pickled, withFile } from '../testing.ts';
import { writeFile } from '../write.ts';
import { openPickle, readPickle } from './read.ts';
import { isOpaque } from './opaque.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
/** A dict with a number `x` and, under `side`, what a program of protocol 0 makes. */
const beside = (program: string): Uint8Array => latin1(`(dS'x'\nI5\nsS'side'\n${program}s.`);

/** What is read of a pickle, and what is told of it. */
function read(bytes: Uint8Array) {
  const notes: string[] = [];
  const value = readPickle(bytes, { file: 'x.pkl', note: (note) => notes.push(note) });
  return { value: value as Map<string, unknown>, notes };
}

describe('what may stand beside data', () => {
  it.each([
    ['range', 'c__builtin__\nxrange\n(I0\nI3\nI1\ntR', '__builtin__.xrange'],
    ['complex', 'cbuiltins\ncomplex\n(F0\nF1\ntR', 'builtins.complex'],
    ['slice', 'cbuiltins\nslice\n(NI2\nNtR', 'builtins.slice'],
    ['Ellipsis', 'cbuiltins\nEllipsis\n', 'builtins.Ellipsis'],
    ['date', "cdatetime\ndate\n(S'\\x07\\xe8\\x05\\x01'\ntR", 'datetime.date'],
    ['timedelta', 'cdatetime\ntimedelta\n(I1\nI0\nI0\ntR', 'datetime.timedelta'],
    ['Decimal', "cdecimal\nDecimal\n(S'1.5'\ntR", 'decimal.Decimal'],
    ['Fraction', "cfractions\nFraction\n(S'1/3'\ntR", 'fractions.Fraction'],
    ['Path', "cpathlib\nPosixPath\n(S'/'\ntR", 'pathlib.PosixPath'],
    [
      'UUID, whose state follows',
      "ccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR(dS'int'\nI1\nsb",
      'uuid.UUID',
    ],
    [
      'NumPy generator',
      "cnumpy.random._pickle\n__randomstate_ctor\n(S'MT19937'\ntR(dS'a'\nI1\nsb",
      'numpy.random._pickle.__randomstate_ctor',
    ],
    ['type', 'c__builtin__\nlong\n', '__builtin__.long'],
    ['NumPy type', 'cnumpy\nfloat32\n', 'numpy.float32'],
    ['date of NumPy', "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'M8'\nI0\nI1\ntRS'12345678'\ntR", 'numpy M8'],
    ['enumeration', 'c__main__\nColour\n(I1\ntR', '__main__.Colour'],
    ['object of its program', 'c__main__\nConfig\n)\x81(dS"rate"\nF0.1\nsb', '__main__.Config'],
    ['object of a library', 'cmypackage.config\nConfig\n)}\x92', 'mypackage.config.Config'],
    ['list of a class', 'cmypackage\nMyList\n)\x81(I1\nI2\ne', 'mypackage.MyList'],
    ['dict of a class', "cmypackage\nMyDict\n)\x81(S'a'\nI1\nu", 'mypackage.MyDict'],
  ])('%s is not read, and said', (_, program, name) => {
    const { value, notes } = read(beside(program));
    expect([value.get('x'), isOpaque(value.get('side'))]).toEqual([5, true]);
    expect(notes).toEqual([
      `holds values that are not read: ${name} at "side"; save them as numbers or texts if they are needed.`,
    ]);
  });

  it('is counted where there are many, and named where it is in lists and arrays', () => {
    const date = "cdatetime\ndate\n(S'\\x07\\xe8\\x05\\x01'\ntR";
    expect(read(beside(`(lp0\n${`${date}a`.repeat(9)}`)).notes[0]).toBe(
      `holds values that are not read: ${new Array(5).fill('datetime.date at "side"').join(', ')} and 4 more; save them as numbers or texts if they are needed.`,
    );
  });

  it('is read where it is plain data: counters, queues and ordered dicts', () => {
    const { value, notes } = read(beside("ccollections\nCounter\n((dS'a'\nI2\nstR"));
    expect([value.get('side'), notes]).toEqual([new Map([['a', 2]]), []]);
    expect(read(beside('ccollections\ndeque\n((I1\nI2\nltR')).value.get('side')).toEqual([1, 2]);
  });

  it('is refused where there is nothing else, with what to do', () => {
    expect(() => read(latin1('(lc__main__\nSample\n)\x81ac__main__\nSample\n)\x81a.'))).toThrow(
      /forbidden global "__main__\.Sample": .* save its fields as a dict/,
    );
  });

  it.each([
    ['os\nsystem', 'os.system'],
    ['posix\nsystem', 'posix.system'],
    ['subprocess\nPopen', 'subprocess.Popen'],
    ['builtins\neval', 'builtins.eval'],
    ['builtins\nexec', 'builtins.exec'],
    ['builtins\ngetattr', 'builtins.getattr'],
    ['__builtin__\n__import__', '__builtin__.__import__'],
    ['code\nInteractiveInterpreter', 'code.InteractiveInterpreter'],
    ['_io\nFileIO', '_io.FileIO'],
    ['io\nFileIO', 'io.FileIO'],
    ['multiprocessing.context\nProcess', 'multiprocessing.context.Process'],
    ['functools\npartial', 'functools.partial'],
    ['operator\nmethodcaller', 'operator.methodcaller'],
    ['numpy.testing._private.utils\nrunstring', 'numpy.testing._private.utils.runstring'],
    ['numpy\nload', 'numpy.load'],
    ['mypackage\nrun', 'mypackage.run'],
    ['__main__\nrebuild', '__main__.rebuild'],
  ])('is never %j, which could execute', (global, name) => {
    expect(() => read(beside(`c${global}\n(S'x'\ntR`))).toThrow(`names the forbidden global "${name}"`);
  });
});

describe('a file of several pickles', () => {
  const open = (bytes: Uint8Array) =>
    withFile(bytes, async (file) => {
      const { value, notes, close } = await openPickle(file);
      await close();
      return { value, notes };
    });
  const array = new NdArray([2], 'float32', Float32Array.of(1, 2));

  it('is one dict, where they are dicts of different names', async () => {
    const { value, notes } = await open(Buffer.concat([pickled({ a: array }), pickled({ b: [1] }), pickled({ c: 2 })]));
    expect(value).toEqual(
      new Map<string, unknown>([
        ['a', array],
        ['b', [1]],
        ['c', 2],
      ]),
    );
    expect(notes).toEqual([
      'holds 3 pickles one after another, as pickle.dump leaves them when it is called again: dicts of different names, which are read as one.',
    ]);
  });

  it.each([
    ['dicts of the same names', { a: 1 }, { a: 2 }],
    ['arrays', array, array],
  ])('is its first, where they are %s, and that is said', async (_, first, second) => {
    const { value, notes } = await open(Buffer.concat([pickled(first), pickled(second)]));
    expect(value).toEqual(readPickle(pickled(first), { file: 'x' }));
    expect(notes).toEqual([expect.stringContaining('only the first is read; dump one dict of all that is needed.')]);
  });

  it('is refused where a later one is not to be trusted', async () => {
    const bytes = Buffer.concat([pickled({ a: 1 }), latin1("\x80\x02cos\nsystem\n(S'x'\ntR.")]);
    await expect(open(bytes)).rejects.toThrow('forbidden global "os.system"');
  });

  it('may end in something else, which is said', async () => {
    const { value, notes } = await open(Buffer.concat([pickled({ a: 1 }), new Uint8Array(3)]));
    expect([value, notes]).toEqual([
      new Map([['a', 1]]),
      ['holds 3 bytes after the end of its pickle, which are not read.'],
    ]);
  });
});

it('what would be written without anything in it is an error', async () => {
  const { value } = read(beside('cbuiltins\ncomplex\n(F0\nF1\ntR'));
  for (const name of ['x.pkl', 'x.npz', 'x.pt', 'x.h5', 'x.safetensors'])
    await withFile(
      new Uint8Array(0),
      (file) =>
        expect(writeFile(file, new Map([['side', value.get('side')]]))).rejects.toThrow(
          'would hold nothing: it has no place for "side"',
        ),
      { name },
    );
});
