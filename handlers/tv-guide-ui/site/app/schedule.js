// The programmes of a day, fetched in pieces so that the hours in view come first.

import { programmeOf } from "./model.js";
import { bounds, HOUR, onWire, pieces } from "./time.js";

/** How much of a day is asked for at once. */
const PIECE = 6 * HOUR;

/** How many pieces are on their way at once. */
const AT_ONCE = 2;

export class Schedule {
  #api;
  #days = new Map();
  #channels;

  constructor(api) {
    this.#api = api;
  }

  /** Every channel, in the guide's order; asked for again after a failure. */
  channels() {
    this.#channels ??= this.#api.read("/channels").then(({ channels }) => channels).catch((error) => {
      this.#channels = undefined;
      throw error;
    });
    return this.#channels;
  }

  /** What is known of a day by now. */
  programmes(day) {
    const known = new Map();
    for (const piece of this.#pieces(day).values()) {
      for (const programme of piece) known.set(programme.id, programme);
    }
    return [...known.values()];
  }

  /** Whether all of a day has been fetched. */
  complete(day) {
    return this.#pieces(day).size === pieces(bounds(day), PIECE).length;
  }

  /** A programme of any day that is known. */
  find(id) {
    for (const day of this.#days.keys()) {
      const found = this.programmes(day).find((programme) => programme.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** The programmes of all days that are known. */
  all() {
    const known = new Map();
    for (const day of this.#days.keys()) {
      for (const programme of this.programmes(day)) known.set(programme.id, programme);
    }
    return [...known.values()];
  }

  /**
   * Fetches a day, again if it is known: the piece of `around` first, then the others. `arrived`
   * is called after each; what was known stays until its piece has come.
   */
  async load(day, around, arrived, signal) {
    const waiting = pieces(bounds(day), PIECE).sort((a, b) => distance(a, around) - distance(b, around));
    const next = async () => {
      const piece = waiting.shift();
      if (!piece) return;
      const programmes = await this.#fetch(piece, signal);
      const known = this.#pieces(day);
      // What came last stands last, and wins where two pieces tell of the same programme.
      known.delete(piece.from);
      known.set(piece.from, programmes);
      this.#days.set(day, known);
      arrived();
      await next();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  #pieces(day) {
    return this.#days.get(day) ?? new Map();
  }

  async #fetch({ from, to }, signal) {
    const programmes = [];
    let cursor;
    do {
      const page = await this.#api.read("/guide", { from: onWire(from), to: onWire(to), cursor }, { signal });
      programmes.push(...page.programmes.map(programmeOf));
      cursor = page.next;
    } while (cursor);
    return programmes;
  }
}

function distance({ from, to }, instant) {
  if (instant < from) return from - instant;
  return instant < to ? 0 : instant - to + 1;
}
