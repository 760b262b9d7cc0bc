/** The bytes that an `.npy` file begins with. */
export const npyMark = '\x93NUMPY';
