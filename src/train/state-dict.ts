/**
 * An array of float32 for each of a network's parameters, by the parameter's name: its values, or as many gradients,
 * moments or averages. Running states (`scope.state`) have names of the same kind. PyTorch calls this a state dict.
 */
export type StateDict = Readonly<Record<string, Float32Array>>;

export const copyOf = (values: StateDict): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(values).map(([name, data]) => [name, data.slice()]));
