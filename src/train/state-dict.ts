/**
 * Arrays of float32 by the names of a network's parameters: their values, or the gradients, moments or averages that
 * belong to them; also running states (`scope.state`), by their names. PyTorch calls such a mapping a state dict.
 */
export type StateDict = Readonly<Record<string, Float32Array>>;

export const copyOf = (values: StateDict): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(values).map(([name, data]) => [name, data.slice()]));
