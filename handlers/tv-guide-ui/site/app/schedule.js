// The programmes of each day, fetched in pieces so that the hours in view come first.

import { compare } from "./changes.js";
import { programmeOf } from "./model.js";
import { bounds, HOUR, onWire, pieces } from "./time.js";

/** How much of a day is asked for at once. */
const PIECE = 6 * HOUR;

/** How many pieces are on their way at once. */
const AT_ONCE = 2;

export class Schedule {
  #api;
  #now;
  #days = new Map();
  #channels;

  constructor(api, now) {
    this.#api = api;
    this.#now = now;
  }

  /** Every channel, in the guide's order; asked for again after a failure. */
  channels() {
    this.#channels ??= this.#api
      .read("/channels")
      .then(ordered)
      .catch((error) => {
        this.#channels = undefined;
        throw error;
      });
    return this.#channels;
  }

  /** What is known of a day by now. */
  programmes(day) {
    return this.#days.get(day)?.programmes ?? [];
  }

  /** Whether all of a day has been fetched. */
  complete(day) {
    return this.#days.get(day)?.complete ?? false;
  }

  /** The programmes of all days that are known. */
  all() {
    return union([...this.#days.values()].map(({ programmes }) => programmes));
  }

  /**
   * Fetches a day: the piece of `around` first, then the others. `arrived` is called after each.
   * A day that is known already stays as it is until all of it has come, and is then compared.
   */
  async load(day, around, arrived, signal) {
    const known = this.#days.get(day);
    const fetched = [];
    const waiting = pieces(bounds(day), PIECE).sort((a, b) => distance(a, around) - distance(b, around));
    const next = async () => {
      const piece = waiting.shift();
      if (!piece) return;
      fetched.push(await this.#fetch(piece, signal));
      if (!known?.complete) {
        this.#days.set(day, { programmes: union(fetched), complete: false });
        arrived();
      }
      await next();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    const current = union(fetched);
    const programmes = known?.complete
      ? compare(known.programmes, current, this.#elsewhere(day), this.#now())
      : current;
    this.#days.set(day, { programmes, complete: true });
    arrived();
  }

  #elsewhere(day) {
    return [...this.#days].filter(([other]) => other !== day).flatMap(([, { programmes }]) => programmes);
  }

  async #fetch({ from, to }, signal) {
    const programmes = [];
    let cursor;
    do {
      const page = await this.#api.read("/guide", { from: onWire(from), to: onWire(to), cursor }, { signal });
      programmes.push(...page.channels.flatMap((channel) => channel.programmes).map(programmeOf));
      cursor = page.next;
    } while (cursor);
    return programmes;
  }
}

function ordered(channels) {
  return channels.sort((a, b) => a.order - b.order || a.name.localeCompare(b.name, "en-GB"));
}

// A programme that is on in two pieces comes with both; what came last is the newest.
function union(lists) {
  return [...new Map(lists.flat().map((programme) => [programme.id, programme])).values()];
}

function distance({ from, to }, instant) {
  if (instant < from) return from - instant;
  return instant < to ? 0 : instant - to + 1;
}
