/** Values that a pickle may hold beside its data: they are told from what could execute, and never read. */

import { NdArray } from '../bytes/array.ts';
import { quoted } from '../../files/error.ts';

/** A name that a pickle uses and that nothing is made of: whatever is called by it is `Opaque`. */
export class OpaqueName {
  /** As Python writes it, such as `datetime.date`. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value that is not read: what it is, and nothing of what it holds. */
export class Opaque {
  readonly name: string;

  constructor({ name }: OpaqueName) {
    this.name = name;
  }
}

export const isOpaque = (value: unknown): value is Opaque | OpaqueName =>
  value instanceof Opaque || value instanceof OpaqueName;

/** Names of Python's own library, by module, which make plain values: dates, decimals, paths, what is random. */
const plain: Readonly<Record<string, RegExp>> = {
  builtins:
    /^(?:range|xrange|slice|complex|object|bool|int|long|float|str|unicode|bytes|list|dict|tuple|set|type|Ellipsis|NotImplemented|[A-Z]\w*(?:Error|Exception|Warning))$/,
  array: /^(?:array|_array_reconstructor)$/,
  collections: /^(?:ChainMap|UserDict|UserList|UserString)$/,
  datetime: /^(?:date|datetime|time|timedelta|timezone)$/,
  decimal: /^(?:Decimal|Context)$/,
  enum: /^[A-Z]\w*$/,
  fractions: /^Fraction$/,
  http: /^HTTP(?:Status|Method)$/,
  ipaddress: /^IPv[46]\w+$/,
  itertools: /^(?:count|cycle|repeat)$/,
  pathlib: /^(?:Pure)?(?:Posix|Windows)?Path$/,
  'pathlib._local': /^(?:Pure)?(?:Posix|Windows)?Path$/,
  random: /^Random$/,
  re: /^_compile$/,
  signal: /^(?:Signals|Handlers|Sigmasks)$/,
  time: /^struct_time$/,
  types: /^SimpleNamespace$/,
  uuid: /^(?:UUID|SafeUUID)$/,
  numpy: /^(?:u?int\d+|float\d+|complex\d+|longdouble|bool_?|str_|bytes_|void|datetime64|timedelta64)$/,
};

/** The other modules of Python's own library: each may hold what executes. Those whose names begin with `_` are such, too. */
const library = new Set(
  (
    'abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins ' +
    'bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent ' +
    'configparser contextlib contextvars copy copyreg copy_reg crypt csv ctypes curses dataclasses datetime dbm decimal ' +
    'difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch ' +
    'fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http ' +
    'idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma ' +
    'mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath ' +
    'nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle cPickle pickletools pip pipes ' +
    'pkg_resources pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc ' +
    'pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors ' +
    'setuptools shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile ' +
    'sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog ' +
    'tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace ' +
    'traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib urllib2 uu uuid venv warnings wave ' +
    'weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo'
  ).split(' '),
);

/** Libraries whose values are most likely the data, and have to be saved as something else. */
const ofData = /^(?:numpy|pandas|torch|scipy|tensorflow|jax|jaxlib|cupy)\b/;

/**
 * The name of something that may stand beside data and is skipped: a plain value of Python's library, the state of
 * NumPy's generators, or an object of a class of the program that wrote the file, which by Python's convention begins
 * with a capital. Undefined for all else: functions, and whatever of Python's library could execute.
 */
export function opaqueNamed(module: string, name: string): OpaqueName | undefined {
  const known = module === '__builtin__' ? 'builtins' : module;
  const [top = ''] = module.split('.');
  const isUser = module.startsWith('__main__') || module.startsWith('__mp_main__');
  const isPlain = (Object.hasOwn(plain, known) && plain[known]!.test(name)) || /^numpy\.random\b/.test(module);
  const isOwnClass =
    (isUser || (!library.has(top) && !top.startsWith('_') && !ofData.test(module))) &&
    /^_?[A-Z]\w*$/.test(name.split('.').at(-1)!);
  return isPlain || isOwnClass ? new OpaqueName(`${module}.${name}`) : undefined;
}

interface Found {
  /** Whether there is anything else: a number, a text, an array. */
  readonly hasData: boolean;
  /** The first few that are not read, by where they are. */
  readonly places: readonly string[];
  readonly count: number;
  /** The first of them. */
  readonly first: string;
}

// Places that are named: the others are most likely alike.
const mostPlaces = 5;

/** What of a value is not read. */
export function opaqueIn(value: unknown): Found {
  const seen = new Set<unknown>();
  const places: string[] = [];
  let [count, first, hasData] = [0, '', false];
  const waiting: { readonly item: unknown; readonly path: string }[] = [{ item: value, path: '' }];
  for (let i = 0; i < waiting.length; i++) {
    const { item, path } = waiting[i]!;
    if (isOpaque(item)) {
      count++;
      first ||= item.name;
      if (places.length < mostPlaces) places.push(path === '' ? item.name : `${item.name} at ${quoted(path)}`);
      continue;
    }
    const items = itemsOf(item);
    if (items === undefined) hasData ||= item !== null && item !== undefined;
    else if (!seen.has(item)) {
      seen.add(item);
      for (const [name, inner] of items)
        waiting.push({ item: inner, path: name === undefined ? path : path === '' ? name : `${path}/${name}` });
    }
  }
  return { hasData, places, count, first };
}

function itemsOf(value: unknown): Iterable<readonly [string | undefined, unknown]> | undefined {
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].map(([key, inner]) => [isOpaque(key) ? key.name : String(key), inner]);
  const list = value instanceof NdArray ? (value.dtype === 'object' ? value.data : undefined) : value;
  if (list instanceof Set || (Array.isArray(list) && !ArrayBuffer.isView(list)))
    return [...(list as Iterable<unknown>)].map((item) => [undefined, item]);
  return undefined;
}

/** What to tell of values that were not read. */
export function skippedNote({ places, count }: Pick<Found, 'places' | 'count'>): string {
  const rest = count - places.length;
  return `holds values that are not read: ${places.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}; save them as numbers or texts if they are needed.`;
}
