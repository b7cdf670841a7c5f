// What became of the programmes that the reader has seen: the API gives the schedule as it stands,
// so that a move or a cancellation shows in comparison with what was there before. Pure.

/**
 * The schedule of a day as it stands, with what was seen there before: a programme that begins at
 * another time is marked as moved, one that is gone before it has ended as cancelled.
 *
 * `before` and `current` are the day's programmes then and now, `elsewhere` is what is known of
 * other days, where one may have been moved to.
 */
export function compare(before, current, elsewhere, now) {
  const seen = new Map(before.map((programme) => [programme.id, programme]));
  const here = new Set(current.map(({ id }) => id));
  const moved = new Set(elsewhere.map(({ id }) => id));
  const gone = before.filter(({ id, end }) => !here.has(id) && !moved.has(id) && end > now);
  return [
    ...current.map((programme) => since(seen.get(programme.id), programme)),
    ...gone.map((programme) => ({ ...programme, cancelled: true })),
  ];
}

function since(earlier, programme) {
  if (!earlier) return programme;
  // What had gone and is back where it was is as if nothing had happened.
  const first = earlier.movedFrom ?? earlier.start;
  return first === programme.start ? programme : { ...programme, movedFrom: first };
}
