import { build, isBuildable, type Machine } from './machine.ts';
import { Opaque, OpaqueName } from './opaque.ts';

/** What each opcode does to the machine; in the order of CPython's pickletools. */
export const opcodes: ReadonlyMap<number, (machine: Machine) => void> = new Map(
  Object.entries<(machine: Machine) => void>({
    // Numbers.
    I: (m) => m.push(integerLine(m)),
    J: (m) => m.push(m.input.int32()),
    K: (m) => m.push(m.input.uint8()),
    M: (m) => m.push(m.input.uint16()),
    L: (m) => m.push(integer(m, m.input.line().replace(/L$/, ''))),
    '\x8a': (m) => m.push(long(m, m.input.uint8())),
    '\x8b': (m) => m.push(long(m, m.input.int32())),
    F: (m) => m.push(float(m, m.input.line())),
    G: (m) => m.push(m.input.float64BigEndian()),

    // Text and bytes.
    S: (m) => m.push(quotedText(m, m.input.line())),
    T: (m) => pushLatin1(m, m.input.uint32()),
    U: (m) => m.push(m.input.latin1(m.input.uint8())),
    V: (m) => m.push(rawUnicode(m.input.line())),
    X: (m) => pushText(m, m.input.uint32()),
    '\x8c': (m) => m.push(m.input.utf8(m.input.uint8())),
    '\x8d': (m) => pushText(m, m.input.uint64()),
    B: (m) => pushBytes(m, m.input.uint32()),
    C: (m) => pushBytes(m, m.input.uint8()),
    '\x8e': (m) => pushBytes(m, m.input.uint64()),
    '\x96': (m) => pushBytes(m, m.input.uint64()),
    '\x97': (m) => m.push(m.nextBuffer()),
    // Whether a buffer may be written to is nothing to us.
    '\x98': (m) => void m.peek(),

    // Constants.
    N: (m) => m.push(null),
    '\x88': (m) => m.push(true),
    '\x89': (m) => m.push(false),

    // Containers.
    ']': (m) => m.push(list(m, [])),
    ')': (m) => m.push(list(m, [])),
    l: (m) => m.push(list(m, m.popMark())),
    t: (m) => m.push(list(m, m.popMark())),
    '\x85': (m) => m.push(list(m, last(m, 1))),
    '\x86': (m) => m.push(list(m, last(m, 2))),
    '\x87': (m) => m.push(list(m, last(m, 3))),
    a: (m) => append(m, [m.pop()]),
    e: (m) => append(m, m.popMark()),
    '}': (m) => m.push(dict(m)),
    d: (m) => {
      const items = m.popMark();
      m.push(dict(m));
      setItems(m, items);
    },
    s: (m) => setItems(m, last(m, 2)),
    u: (m) => setItems(m, m.popMark()),
    '\x8f': (m) => m.push(set(m, [])),
    '\x91': (m) => m.push(set(m, m.popMark())),
    '\x90': (m) => addItems(m, m.popMark()),

    // The stack and the memo.
    '(': (m) => m.mark(),
    '0': (m) => {
      if (m.atMark) m.popMark();
      else m.pop();
    },
    '1': (m) => void m.popMark(),
    '2': (m) => m.push(m.peek()),
    g: (m) => recall(m, slot(m)),
    h: (m) => recall(m, m.input.uint8()),
    j: (m) => recall(m, m.input.uint32()),
    p: (m) => void m.memo.set(slot(m), m.peek()),
    q: (m) => void m.memo.set(m.input.uint8(), m.peek()),
    r: (m) => void m.memo.set(m.input.uint32(), m.peek()),
    '\x94': (m) => void m.memo.set(m.memo.size, m.peek()),

    // Globals and what they make.
    c: (m) => m.push(m.find(m.input.line(), m.input.line())),
    '\x93': (m) => {
      const name = m.pop();
      m.push(m.find(m.pop(), name));
    },
    R: (m) => call(m),
    '\x81': (m) => call(m),
    '\x92': (m) => {
      const keywords = m.pop();
      const args = m.pop();
      const callee = m.pop();
      if (!(callee instanceof OpaqueName) && !(keywords instanceof Map && keywords.size === 0))
        throw m.fail('the pickle makes an object from named arguments; only plain values and NumPy arrays are read.');
      m.push(m.call(callee, args));
    },
    i: (m) => {
      const callee = m.find(m.input.line(), m.input.line());
      m.push(m.call(callee, m.popMark()));
    },
    o: (m) => {
      const [callee, ...args] = m.popMark();
      m.push(m.call(callee, args));
    },
    b: (m) => setState(m),
    P: (m) => persistent(m, m.input.line()),
    Q: (m) => persistent(m, m.pop()),
    '\x82': (m) => refuseExtension(m),
    '\x83': (m) => refuseExtension(m),
    '\x84': (m) => refuseExtension(m),

    // Framing: a protocol we know, and frames, whose only use is reading ahead.
    '\x80': (m) => {
      const protocol = m.input.uint8();
      if (protocol > 5) throw m.fail(`pickle protocol ${protocol} is unknown; write with protocol 5 or lower.`);
    },
    '\x95': (m) => void m.input.uint64(),
  }).map(([character, operation]) => [character.charCodeAt(0), operation]),
);

// Long bytes and texts are most likely those of an array, which knows best how to read itself.
const pushBytes = (m: Machine, length: number): void => m.push(m.input.leave(length) ?? m.input.take(length));
const pushText = (m: Machine, length: number): void => m.push(m.input.leaveText(length) ?? m.input.utf8(length));
const pushLatin1 = (m: Machine, length: number): void => m.push(m.input.leaveText(length) ?? m.input.latin1(length));

// Longer decimal texts would take quadratic time to convert, and no data holds one.
const longestInteger = 1024;

function integer(m: Machine, text: string): number | bigint {
  if (text.length > longestInteger || !/^\s*[+-]?\d+\s*$/.test(text)) throw m.fail('an integer is no integer.');
  return narrow(BigInt(text));
}

function integerLine(m: Machine): number | bigint | boolean {
  const text = m.input.line();
  return text === '00' ? false : text === '01' ? true : integer(m, text);
}

function long(m: Machine, length: number): number | bigint {
  if (length < 0 || length > longestInteger) throw m.fail(`an integer of ${length} bytes is announced; refused.`);
  const bytes = m.input.take(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return narrow(BigInt.asIntN(8 * length, value));
}

const narrow = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

function float(m: Machine, text: string): number {
  const special: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
  const value = Object.hasOwn(special, text) ? special[text]! : text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value) && text !== 'nan') throw m.fail('a number is no number; the file is damaged.');
  return value;
}

/** Protocol 0 writes bytes as Python's repr: quotes around, backslash escapes inside. */
function quotedText(m: Machine, line: string): string {
  const match = /^\s*(['"])(.*)\1\s*$/su.exec(line);
  if (match === null) throw m.fail('a text is not in quotes; the file is damaged.');
  return match[2]!.replace(/\\(x[0-9a-fA-F]{2}|.)/gsu, (whole, escape: string) => {
    if (escape.startsWith('x') && escape.length === 3) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' }[escape] ?? whole;
  });
}

const rawUnicode = (line: string): string =>
  line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/gu, (whole, short?: string, full?: string) => {
    const code = Number.parseInt(short ?? full!, 16);
    return code > 0x10ffff ? whole : short === undefined ? String.fromCodePoint(code) : String.fromCharCode(code);
  });

function list(m: Machine, values: unknown[]): unknown[] {
  m.charge(32);
  return values;
}

function dict(m: Machine): Map<unknown, unknown> {
  m.charge(128);
  return new Map();
}

function set(m: Machine, values: readonly unknown[]): Set<unknown> {
  m.charge(128);
  return new Set(values);
}

function last(m: Machine, count: number): unknown[] {
  const values: unknown[] = [];
  for (let i = 0; i < count; i++) values.unshift(m.pop());
  return values;
}

function append(m: Machine, values: readonly unknown[]): void {
  const target = m.peek();
  if (target instanceof Opaque) return;
  if (!Array.isArray(target)) throw m.fail('the pickle appends to something that is no list; the file is damaged.');
  for (const value of values) target.push(value);
}

function setItems(m: Machine, items: readonly unknown[]): void {
  const target = m.peek();
  if (target instanceof Opaque) return;
  if (!(target instanceof Map) || items.length % 2 !== 0)
    throw m.fail('the pickle sets items of something that is no dict; the file is damaged.');
  for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
}

function addItems(m: Machine, values: readonly unknown[]): void {
  const target = m.peek();
  if (target instanceof Opaque) return;
  if (!(target instanceof Set)) throw m.fail('the pickle adds to something that is no set; the file is damaged.');
  for (const value of values) target.add(value);
}

function slot(m: Machine): number {
  const text = m.input.line();
  if (!/^\d{1,15}$/.test(text)) throw m.fail('a memo slot is not numbered; the file is damaged.');
  return Number(text);
}

function recall(m: Machine, index: number): void {
  if (!m.memo.has(index))
    throw m.fail(`the pickle recalls value ${index}, which it never stored; the file is damaged.`);
  m.push(m.memo.get(index));
}

function call(m: Machine): void {
  const args = m.pop();
  m.push(m.call(m.pop(), args));
}

function setState(m: Machine): void {
  const state = m.pop();
  const target = m.peek();
  if (isBuildable(target)) target[build](state, m);
  // What an object holds that is not read is not read either.
  else if (target instanceof Opaque) return;
  // The attributes of an OrderedDict (PyTorch keeps `_metadata` there) are none of its items.
  else if (!(target instanceof Map)) throw m.fail('the pickle sets the state of a plain value; the file is damaged.');
}

function persistent(m: Machine, id: unknown): void {
  if (m.persistentLoad === undefined)
    throw m.fail('the pickle refers to data outside itself; if PyTorch wrote it, name the file .pth or .pt.');
  m.push(m.persistentLoad(id, m));
}

function refuseExtension(m: Machine): never {
  throw m.fail('the pickle uses the extension registry of copyreg; write plain values and NumPy arrays.');
}
