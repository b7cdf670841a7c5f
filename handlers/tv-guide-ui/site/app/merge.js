// Two people, or two tabs, change the same preferences: what each added and removed, put together.

/**
 * My changes since `base`, made to `theirs`. Each of them maps a list's name to ids.
 */
export function merge(base, mine, theirs) {
  return Object.fromEntries(Object.keys(theirs).map((list) => [list, mergeList(base[list], mine[list], theirs[list])]));
}

function mergeList(base, mine, theirs) {
  const removed = new Set(base.filter((id) => !mine.includes(id)));
  const added = mine.filter((id) => !base.includes(id));
  return [...new Set([...theirs.filter((id) => !removed.has(id)), ...added])];
}

/** Whether two preferences hold the same ids, in whichever order. */
export function same(a, b) {
  return Object.keys(a).every((list) => {
    const other = new Set(b[list]);
    return new Set(a[list]).size === other.size && a[list].every((id) => other.has(id));
  });
}
