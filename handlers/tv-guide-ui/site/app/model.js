// What the API's answers become: the members that the page uses, under the names that it uses.

import { webAddress } from "./dom.js";

/**
 * A programme at a time on a channel. The API tells what is on, not what was to be on: whether one
 * was moved or cancelled is what `changes.js` finds.
 */
export function programmeOf(wire) {
  return {
    id: wire.program_id,
    title: wire.title,
    channelId: wire.channel_id,
    channel: wire.channel,
    start: Date.parse(wire.start_time),
    end: Date.parse(wire.end_time),
    description: wire.description ?? "",
    showId: wire.show_id ?? undefined,
    // "Episode 9" says no more than E9.
    episode: wire.episode === `Episode ${wire.number}` ? undefined : (wire.episode ?? undefined),
    season: wire.season ?? undefined,
    number: wire.number ?? undefined,
    genres: wire.genres ?? [],
    group: groupOf(wire.genres ?? []),
    image: webAddress(wire.image),
    url: webAddress(wire.url),
    cancelled: false,
    movedFrom: undefined,
  };
}

/** A film or series of the streaming catalogue. */
export function titleOf(wire) {
  return {
    id: String(wire.id),
    title: wire.title,
    year: wire.year ?? undefined,
    type: TYPES[wire.type] ?? "Title",
    plot: wire.plot_overview ?? undefined,
    poster: webAddress(wire.poster),
    ratings: ratingsOf(wire),
    sources: (wire.source_ids ?? []).map(String),
    genres: (wire.genre_ids ?? []).map(String),
    imdb: wire.imdb_id ?? undefined,
    showId: wire.show_id ?? undefined,
    airings: (wire.airings ?? []).map(programmeOf),
  };
}

/** A source or genre: its id as preferences spell it, and its name. */
export function namedOf(wire) {
  return { id: String(wire.id), name: wire.name, type: wire.type };
}

/** Whether a programme is to be on at another time than it was first seen to be. */
export function wasMoved({ cancelled, movedFrom }) {
  return !cancelled && movedFrom !== undefined;
}

/** Season and episode, as far as known: S2 E5; a season that is a year is told as one. */
export function episodeOf({ season, number }) {
  const year = season >= FIRST_YEAR;
  return [season != null && (year ? `${season}` : `S${season}`), number != null && `E${number}`]
    .filter(Boolean)
    .join(" ");
}

/** No series has so many seasons, and no television is so old. */
const FIRST_YEAR = 1900;

const TYPES = {
  movie: "Film",
  tv_series: "Series",
  tv_miniseries: "Mini-series",
  tv_special: "Special",
  tv_movie: "TV film",
  short_film: "Short film",
};

// The rating that counts is Watchmode's, or else the first of the others'.
function ratingsOf({ user_rating: first, ratings }) {
  const others = (ratings ?? []).map(({ source, value, scale }) => ({
    source: RATERS[source] ?? source,
    value,
    scale,
  }));
  const known = others.some(({ value, scale }) => (value / scale) * 10 === first);
  return typeof first === "number" && !known ? [{ source: "Watchmode", value: first, scale: 10 }, ...others] : others;
}

const RATERS = { tvmaze: "TVmaze", tmdb: "TMDB" };

// The few kinds that have a colour of their own; the first genre that is of one decides.
const GROUPS = [
  ["news", /^(news|current affairs|politics|talk)/i],
  ["sport", /^sport/i],
  ["kids", /^(children|kids|family|animation)/i],
  ["comedy", /^comedy/i],
  ["factual", /^(documentary|nature|history|science$|travel|biography|medical|factual)/i],
  ["life", /^(food|diy|lifestyle|reality|game|quiz|music|entertainment|adult)/i],
  [
    "drama",
    /^(drama|crime|thriller|mystery|soap|romance|film|movie|action|adventure|fantasy|horror|war|western|science.fiction|supernatural|espionage|legal)/i,
  ],
];

function groupOf(genres) {
  for (const genre of genres) {
    const found = GROUPS.find(([, pattern]) => pattern.test(genre));
    if (found) return found[0];
  }
  return undefined;
}
