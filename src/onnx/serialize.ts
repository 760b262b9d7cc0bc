import {
  Constant,
  Input,
  size,
  Slice,
  Split,
  topologicalOrder,
  type Attribute,
  type Body,
  type Emitter,
  type Node,
  type Shape,
  type Tensor,
  type Type,
} from '../tensor/index.ts';
import { Message } from './message.ts';
import { elementType, nodeProto, renamed, tensorProto, type Draft } from './proto.ts';
import { simplify } from './simplify.ts';

/** ONNX operator set written here; ONNX Runtime reads it since 1.14. */
export const opset = 18;
const irVersion = 8;

/** A batch axis left open: every dimension that is a multiple of `size` is written as the symbol `name`. */
export interface SymbolicBatch {
  /** A prime larger than any real dimension, so that a product of dimensions tells whether it holds the batch. */
  readonly size: number;
  readonly name: string;
}

export interface SerializeOptions {
  /** Only operators of the standard domain. Default false. */
  readonly portable?: boolean;
  readonly batch?: SymbolicBatch;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Stored inside the model in place of an input of that name. */
  readonly weights?: ReadonlyMap<string, ArrayLike<number>>;
  /** Rewrite the graph into a smaller one of the same values first. Default true. */
  readonly simplify?: boolean;
}

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** Operator nodes written, those inside loops included. */
  readonly nodes: number;
}

interface BatchSource {
  readonly name: string;
  readonly axis: number;
}

class Writer {
  nodes = 0;
  private values = 0;
  private readonly literals = new Map<string, string>();
  private readonly initializers: Message[] = [];

  constructor(
    private readonly options: SerializeOptions,
    /** Names that are given: those of inputs and outputs. */
    private readonly taken: ReadonlySet<string>,
    /** An input with the symbolic batch as one of its axes, from which a run reads how large it is. */
    private readonly batchSource: BatchSource | undefined,
  ) {}

  private fresh(prefix: string): string {
    const name = `${prefix}${this.values++}`;
    return this.taken.has(name) ? this.fresh(prefix) : name;
  }

  /** A GraphProto that computes `outputs` from `inputs`, whose tensors are bound to the given names. */
  graph(
    title: string,
    inputs: readonly (readonly [Tensor, string])[],
    outputs: readonly (readonly [string, Tensor])[],
    bound: readonly (readonly [Tensor, string])[] = [],
  ): Message {
    const graph = new Message();
    const names = new Map<Tensor, string>([...inputs, ...bound]);
    const drafts: Draft[] = [];
    const emitter = this.emitter(drafts);
    const wanted = new Map(outputs.map(([name, y]) => [y, name]));
    for (const node of topologicalOrder(outputs.map(([, y]) => y))) {
      const [y] = node.outputs;
      this.checkBatch(node);
      if (names.has(y!)) continue;
      if (node.op.name === Constant.name)
        names.set(y!, this.literal(y!, (node.attrs as { data: ArrayLike<number> }).data));
      else if (node.op.name === Input.name)
        throw new Error(`Input "${(node.attrs as { name: string }).name}" is not among the inputs of the graph.`);
      else {
        const given = node.inputs.map((x) => names.get(x)!);
        const written = drafts.length;
        node.op.lower(emitter, given, node.attrs, node).forEach((name, i) => {
          const y = node.outputs[i];
          if (y) names.set(y, renamed(drafts.slice(written), name, wanted.get(y)));
        });
      }
    }
    for (const [name, y] of outputs)
      if (names.get(y) !== name)
        drafts.push({ op: 'Identity', inputs: [names.get(y)!], results: [name], attributes: [], domain: undefined });
    for (const draft of drafts) graph.add(1, nodeProto(draft));
    graph.text(2, title);
    for (const [x, name] of inputs) graph.add(11, this.valueInfo(name, x));
    for (const [name, y] of outputs) graph.add(12, this.valueInfo(name, y));
    return graph;
  }

  /** Constants of every graph, loops included, live in the outermost one. */
  finish(graph: Message): Message {
    for (const tensor of this.initializers) graph.add(5, tensor);
    return graph;
  }

  weight(name: string, type: Type, data: ArrayLike<number>): void {
    if (data.length !== size(type.shape))
      throw new RangeError(`Weight "${name}" has shape [${type.shape}], but ${data.length} values were given.`);
    this.initializers.push(tensorProto(name, type, data));
  }

  private emitter(drafts: Draft[]): Emitter {
    let rows: string | undefined;
    const emitter: Emitter = {
      portable: this.options.portable ?? false,
      node: (op, inputs, attrs = {}, { outputs = 1, domain } = {}) => {
        const results = Array.from({ length: outputs }, () => this.fresh('t'));
        const attributes = Object.entries(attrs).map(([name, value]) => this.attribute(name, value));
        drafts.push({ op, inputs, results: [...results], attributes, domain });
        this.nodes++;
        return results;
      },
      ints: (values) => this.literal({ shape: [values.length], dtype: 'int64' }, values),
      shape: (shape) => {
        const open = shape.filter((d) => this.batches(d) > 0);
        // One open axis is inferred by the runtime (-1).
        return open.length > 1 ? emitter.dims(shape) : emitter.ints(shape.map((d) => (d === open[0] ? -1 : d)));
      },
      dims: (shape) => {
        const times = shape.map((d) => this.batches(d));
        if (!times.some((n) => n > 0)) return emitter.ints(shape);
        rows ??= this.rows(emitter, shape);
        // All pairs of a batch are as many batches as it has rows: of those, n is itself a multiple of the batch.
        const size = (n: number): string =>
          n === 1
            ? rows!
            : emitter.node('Mul', [rows!, this.batches(n) > 0 ? size(this.batches(n)) : emitter.ints([n])])[0]!;
        const parts = shape.map((d, i) => (times[i] ? size(times[i]) : emitter.ints([d])));
        return parts.length === 1 ? parts[0]! : emitter.node('Concat', parts, { axis: 0 })[0]!;
      },
      scalar: (value, dtype) => this.literal({ shape: [], dtype }, [value]),
    };
    return emitter;
  }

  /** How many batches a dimension counts: 0 where it is a plain number. */
  private batches(d: number): number {
    const { batch } = this.options;
    if (!batch || d < batch.size) return 0;
    if (d % batch.size !== 0)
      throw new RangeError(
        `A dimension of ${batch.name} ${batch.size} became ${d}: a symbolic batch can be joined to itself, not sliced or padded.`,
      );
    return d / batch.size;
  }

  /** Refuses a node that would be written with the size of the batch in it as a number, which is wrong for any other. */
  private checkBatch({ op, inputs, attrs, outputs }: Node): void {
    for (const { shape } of outputs) for (const d of shape) this.batches(d);
    const cut =
      (op.name === Slice.name || op.name === Split.name) &&
      this.batches(inputs[0]!.shape[(attrs as { axis: number }).axis]!) > 0;
    if (cut || (op.name === Constant.name && outputs[0]!.shape.some((d) => this.batches(d) > 0)))
      throw new RangeError(`${op.name} of [${outputs[0]!.shape}] depends on the size of the batch, which is symbolic.`);
  }

  /** The size of the batch in this run, as a vector of one number. */
  private rows(emitter: Emitter, shape: Shape): string {
    const { batch } = this.options;
    if (!this.batchSource)
      throw new RangeError(
        `Shape [${shape}] depends on the symbolic batch "${batch!.name}", but no input has that axis.`,
      );
    const { name, axis } = this.batchSource;
    return emitter.node('Shape', [name], { start: axis, end: axis + 1 })[0]!;
  }

  /** A dimension of whole batches in text: `batch`, `2*batch`, or `batch*batch` for all pairs. */
  private symbol(d: number): string {
    const { name } = this.options.batch!;
    const times = this.batches(d);
    return times === 1 ? name : `${this.batches(times) > 0 ? this.symbol(times) : times}*${name}`;
  }

  private valueInfo(name: string, { shape, dtype }: Type): Message {
    const dims = new Message();
    for (const d of shape) {
      dims.add(1, this.batches(d) > 0 ? new Message().text(2, this.symbol(d)) : new Message().int(1, d));
    }
    const tensor = new Message().int(1, elementType[dtype]).add(2, dims);
    return new Message().text(1, name).add(2, new Message().add(1, tensor));
  }

  private attribute(name: string, value: Attribute): Message {
    const attribute = new Message().text(1, name);
    if (typeof value === 'number') return attribute.int(3, value).int(20, 2);
    if (typeof value === 'string') return attribute.text(4, value).int(20, 3);
    if ('float' in value) return attribute.float(2, value.float).int(20, 1);
    if ('body' in value) return attribute.add(6, this.body(value.body)).int(20, 5);
    return attribute.ints(8, value).int(20, 7);
  }

  private body({ inputs, outputs, captured }: Body): Message {
    const prefix = this.fresh('b');
    return this.graph(
      prefix,
      inputs.map((x, i) => [x, `${prefix} in ${i}`] as const),
      outputs.map((y, i) => [`${prefix} out ${i}`, y] as const),
      captured,
    );
  }

  private literal(type: Type, data: ArrayLike<number>): string {
    const key =
      data.length <= 64
        ? `${type.dtype}[${type.shape}]${Array.from(data, (x) => (Object.is(x, -0) ? '-0' : x)).join()}`
        : undefined;
    const known = key && this.literals.get(key);
    if (known) return known;
    const name = this.fresh('c');
    if (key) this.literals.set(key, name);
    this.initializers.push(tensorProto(name, type, data));
    return name;
  }
}

/** Inputs that `outputs` depend on, by name. Two different inputs of one name are an error. */
export function inputsOf(outputs: readonly Tensor[]): Map<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  for (const node of topologicalOrder(outputs)) {
    if (node.op.name !== Input.name) continue;
    const { name } = node.attrs as { name: string };
    if (inputs.has(name)) throw new Error(`Two different inputs are named "${name}".`);
    inputs.set(name, node.outputs[0]!);
  }
  return inputs;
}

function batchSource(inputs: readonly (readonly [Tensor, string])[], batch: SymbolicBatch): BatchSource | undefined {
  for (const [x, name] of inputs) {
    const axis = x.shape.indexOf(batch.size);
    if (axis >= 0) return { name, axis };
  }
  return undefined;
}

/** An ONNX model that computes `outputs`, simplified first, and nothing else. */
export function toOnnx(outputs: Readonly<Record<string, Tensor>>, options: SerializeOptions = {}): OnnxModel {
  const names = Object.keys(outputs);
  const taken = new Set(names);
  const given = Object.values(outputs);
  const computed = options.simplify === false ? given : simplify(given);
  const inputs: (readonly [Tensor, string])[] = [];
  const stored: (readonly [Tensor, string])[] = [];
  for (const [name, x] of inputsOf(computed)) {
    if (taken.has(name)) throw new Error(`Output "${name}" has the name of an input; give it another.`);
    taken.add(name);
    (options.weights?.has(name) ? stored : inputs).push([x, name]);
  }
  const writer = new Writer(options, taken, options.batch && batchSource(inputs, options.batch));
  for (const [x, name] of stored) writer.weight(name, x, options.weights!.get(name)!);
  const graph = writer.finish(
    writer.graph(
      'decalign',
      inputs,
      names.map((name, i) => [name, computed[i]!] as const),
      stored,
    ),
  );
  const model = new Message().int(1, irVersion).text(2, 'decalign').add(7, graph).add(8, new Message().int(2, opset));
  if (!options.portable) model.add(8, new Message().text(1, 'com.microsoft').int(2, 1));
  for (const [key, value] of Object.entries(options.metadata ?? {}))
    model.add(14, new Message().text(1, key).text(2, value));
  return { bytes: model.finish(), nodes: writer.nodes };
}
