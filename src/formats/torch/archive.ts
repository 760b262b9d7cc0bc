/** Whether a file by this path makes its zip archive one of `torch.save`. */
export const isTorchPickle = (path: string): boolean => path === 'data.pkl' || path.endsWith('/data.pkl');
