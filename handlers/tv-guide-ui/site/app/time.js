// Time as the guide shows it: days and clock times of London, instants in milliseconds since the
// epoch. A day is spelt YYYY-MM-DD and has 23, 24 or 25 hours.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const ZONE = "Europe/London";

/** How many days the guide has, today being the first. */
const DAYS = 7;

const fields = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hourCycle: "h23",
  hour: "2-digit",
  minute: "2-digit",
});
const zone = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, timeZoneName: "short" });
const long = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric" });

/** The day in London at an instant. */
export function dayOf(instant) {
  const part = Object.fromEntries(fields.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}`;
}

/** Whether a text spells a day that exists. */
export function isDay(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

/** The day that many days later, or earlier. */
export function addDays(day, count) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/** The days of the guide, from the one of `now`. */
export function days(now) {
  const today = dayOf(now);
  return Array.from({ length: DAYS }, (_, index) => addDays(today, index));
}

/** From when until when a day of London lasts. */
export function bounds(day) {
  return { from: atTime(day, "00:00"), to: atTime(addDays(day, 1), "00:00") };
}

/**
 * The instant of a clock time in London. Of two that read the same in autumn it is the first, and
 * of an hour that is left out in spring the time an hour later.
 */
export function atTime(day, time) {
  const utc = Date.parse(`${day}T${time}:00Z`);
  const summer = utc - HOUR;
  return dayOf(summer) === day && clockTime(summer) === time ? summer : utc;
}

/** The clock time in London: 21:00. */
export function clockTime(instant) {
  return clock.format(instant);
}

/** GMT or BST. */
export function zoneName(instant) {
  return zone.formatToParts(instant).find(({ type }) => type === "timeZoneName").value;
}

/** The half hours of a window; the first one after the clock change also names its zone. */
export function ticks({ from, to }) {
  const marks = [];
  for (let at = from; at < to; at += HOUR / 2) {
    const changed = at > from && zoneName(at) !== zoneName(at - 1);
    marks.push({ at, label: changed ? `${clockTime(at)} ${zoneName(at)}` : clockTime(at) });
  }
  return marks;
}

/** A window cut into pieces of at most that length. */
export function pieces({ from, to }, length) {
  const cut = [];
  for (let start = from; start < to; start += length) {
    cut.push({ from: start, to: Math.min(start + length, to) });
  }
  return cut;
}

/** Today, Tomorrow, or the weekday and date: Sat 21. */
export function dayLabel(day, now) {
  const today = dayOf(now);
  if (day === today) return "Today";
  if (day === addDays(today, 1)) return "Tomorrow";
  return short.format(new Date(`${day}T00:00:00Z`)).replace(",", "");
}

/** Saturday 21 November. */
export function longDay(day) {
  return long.format(new Date(`${day}T00:00:00Z`)).replace(",", "");
}

/** 1 h 35 min. */
export function lengthInWords(milliseconds) {
  const minutes = Math.round(milliseconds / MINUTE);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours && `${hours} h`, (rest || !hours) && `${rest} min`].filter(Boolean).join(" ");
}

/** As the API takes instants: 2026-01-09T21:00:00Z. */
export function onWire(instant) {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z");
}
