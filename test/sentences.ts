/** Sentences in the words of the small BERT in `fixtures/bert`. */
export const sentences = ['the movie was good', 'the film was bad !', 'a good , good film', 'it is very bad'];

/** The sentences by hand: [CLS], words, [SEP], in 8 places. */
export const ids = [
  [2, 5, 6, 7, 12, 3, 0, 0],
  [2, 5, 28, 7, 13, 14, 3, 0],
  [2, 27, 12, 15, 12, 28, 3, 0],
  [2, 19, 26, 33, 13, 3, 0, 0],
];
