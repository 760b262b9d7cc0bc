/**
 * The few functions of MPI that ranks need, from the library of the system. Implementations differ in what a communicator, a type
 * and an operation are: pointers to objects in Open MPI, fixed numbers in MPICH and those that share its binary interface (Intel
 * MPI, MVAPICH, Cray MPICH).
 */
import koffi, { type LibraryHandle } from 'koffi';

type Handle = unknown;
type Native = (...args: readonly unknown[]) => number;

export interface MpiLibrary {
  /** The implementation's own name and version, in a line. */
  readonly version: string;
  readonly rank: number;
  readonly size: number;
  /** The name of the machine. */
  readonly host: string;
  /** Begins the sum of `values` over all ranks, in place. */
  startSum(values: Float32Array): Request;
  /** Begins to give each rank its piece of `values`, and to take those of the others into `received`. */
  startExchange(values: Float32Array, pieces: Pieces, received: Float32Array, places: Pieces): Request;
  /** Begins to give the own piece of `values` to all ranks, and to take theirs, in place. */
  startSharing(values: Float32Array, pieces: Pieces): Request;
  /** Begins to send a byte to a rank, or to receive one from it. */
  startSend(to: number): Request;
  startReceive(from: number): Request;
  /** Whether a rank has sent a byte that was not received yet. */
  isCalled(): boolean;
  /** Ends MPI once every rank does so. */
  finalize(): void;
  /** Ends every rank, this one too. */
  abort(code: number): void;
}

/** A part of an array for each rank: where it begins, and how many numbers it has. In memory of their own (`integers`). */
export interface Pieces {
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}

/** Communication under way. */
export interface Request {
  /** Whether it is complete; drives communication on. */
  test(): boolean;
}

/** Numbers of the MPICH ABI (mpich.org/abi), the same in all that share it. */
const mpich = {
  ...{ world: 0x44000000, float: 0x4c00040a, byte: 0x4c00010d, sum: 0x58000003, errorsReturn: 0x54000001 },
  ...{ inPlace: 2n ** 64n - 1n, ignoreStatus: 1n, anySource: -2 },
};

/** Marks the bytes of roll calls. */
const tag = 7103;

/** Opens the library at a path or of a name, and starts MPI in this process. Throws an Error where it cannot. */
export function openMpiLibrary(name: string): MpiLibrary {
  const library = koffi.load(name, { global: true });
  const symbol = (of: string): Handle => library.symbol(of);
  const handles = hasSymbol(library, 'ompi_mpi_comm_world')
    ? {
        ...{ world: symbol('ompi_mpi_comm_world'), float: symbol('ompi_mpi_float'), byte: symbol('ompi_mpi_byte') },
        ...{ sum: symbol('ompi_mpi_op_sum'), errorsReturn: symbol('ompi_mpi_errors_return') },
        ...{ inPlace: 1n, ignoreStatus: 0n, anySource: -1 },
      }
    : mpich;
  const handle = handles === mpich ? 'int' : 'void *';
  const native = (of: string, ...types: readonly string[]): Native => library.func(of, 'int', [...types]) as Native;
  const functions = {
    initThread: native('MPI_Init_thread', 'void *', 'void *', 'int', 'void *'),
    setErrors: native('MPI_Comm_set_errhandler', handle, handle),
    errorText: native('MPI_Error_string', 'int', 'void *', 'void *'),
    rank: native('MPI_Comm_rank', handle, 'void *'),
    size: native('MPI_Comm_size', handle, 'void *'),
    host: native('MPI_Get_processor_name', 'void *', 'void *'),
    version: native('MPI_Get_library_version', 'void *', 'void *'),
    sum: native('MPI_Iallreduce', 'void *', 'void *', 'int', handle, handle, handle, 'void *'),
    exchange: native(
      'MPI_Ialltoallv',
      ...['void *', 'void *', 'void *', handle, 'void *', 'void *', 'void *', handle, handle, 'void *'],
    ),
    share: native('MPI_Iallgatherv', 'void *', 'int', handle, 'void *', 'void *', 'void *', handle, handle, 'void *'),
    send: native('MPI_Isend', 'void *', 'int', handle, 'int', 'int', handle, 'void *'),
    receive: native('MPI_Irecv', 'void *', 'int', handle, 'int', 'int', handle, 'void *'),
    probe: native('MPI_Iprobe', 'int', 'int', handle, 'void *', 'void *'),
    test: native('MPI_Test', 'void *', 'void *', 'void *'),
    finalize: native('MPI_Finalize'),
    abort: native('MPI_Abort', handle, 'int'),
  };
  const check = (code: number, what: string): void => {
    if (code === 0) return;
    throw new Error(`MPI failed in ${what}: ${textOf((text, length) => functions.errorText(code, text, length))}`);
  };
  const { world, float, byte, sum, inPlace, ignoreStatus, anySource } = handles;

  // One thread alone calls MPI: that of JavaScript.
  check(functions.initThread(null, null, 0, integers()), 'MPI_Init_thread');
  check(functions.setErrors(world, handles.errorsReturn), 'MPI_Comm_set_errhandler');
  const [rank, size] = [integers(), integers()];
  check(functions.rank(world, rank), 'MPI_Comm_rank');
  check(functions.size(world, size), 'MPI_Comm_size');

  const request = (start: (place: BigInt64Array) => number, what: string): Request => {
    const place = new BigInt64Array(new ArrayBuffer(8));
    const done = integers();
    check(start(place), what);
    return {
      test() {
        if (done[0] === 0) check(functions.test(place, done, ignoreStatus), what);
        return done[0] !== 0;
      },
    };
  };
  const [called, letter] = [integers(), new Uint8Array(new ArrayBuffer(1))];
  return {
    version: textOf(functions.version).split('\n')[0]!.split(',')[0]!.replaceAll(/\s+/g, ' '),
    ...{ rank: rank[0]!, size: size[0]!, host: textOf(functions.host) },
    startSum: (values) =>
      request(
        (place) => functions.sum(inPlace, values, values.length, float, sum, world, place),
        'a sum over the ranks',
      ),
    startExchange: (values, from, received, to) =>
      request(
        (place) =>
          functions.exchange(
            ...[values, from.lengths, from.offsets, float, received, to.lengths, to.offsets, float, world, place],
          ),
        'a sum in order over the ranks',
      ),
    startSharing: (values, { lengths, offsets }) =>
      request(
        (place) => functions.share(inPlace, 0, float, values, lengths, offsets, float, world, place),
        'a sum in order over the ranks',
      ),
    startSend: (to) => request((place) => functions.send(letter, 1, byte, to, tag, world, place), 'a roll call'),
    startReceive: (from) =>
      request((place) => functions.receive(letter, 1, byte, from, tag, world, place), 'a roll call'),
    isCalled() {
      check(functions.probe(anySource, tag, world, called, ignoreStatus), 'a roll call');
      return called[0] !== 0;
    },
    finalize: () => check(functions.finalize(), 'MPI_Finalize'),
    abort: (code) => void functions.abort(world, code),
  };
}

function hasSymbol(library: LibraryHandle, name: string): boolean {
  try {
    library.symbol(name);
    return true;
  } catch {
    return false;
  }
}

/** Room for what MPI answers. Of its own memory: V8 keeps small arrays where it may move them while MPI writes to them. */
export const integers = (count = 16): Int32Array => new Int32Array(new ArrayBuffer(4 * count));

function textOf(call: (text: Uint8Array, length: Int32Array) => number): string {
  const [text, length] = [new Uint8Array(8192), integers()];
  call(text, length);
  return new TextDecoder().decode(text.subarray(0, length[0])).replace(/\0.*$/s, '').trim();
}
