// A programme's block in the grid: its cell, the link in it, and what the link says.

import { element } from "../dom.js";
import { episodeOf, wasMoved } from "../model.js";
import { link } from "../router.js";
import { clockTime } from "../time.js";

/** What a block has room for, by its length in minutes. */
const ROOM = [
  { name: "none", below: 9 },
  { name: "name", below: 18 },
];

/** The cell of a block and the link in it. */
export function drawBlock({ programme, lane, lanes, start, length }, day) {
  const anchor = element(
    "a",
    { class: "programme", href: link("guide", day, programme.id), tabindex: "-1", "data-id": programme.id },
    element("span", { class: "name" }, programme.title),
    element("span", { class: "when" }, notes(programme)),
  );
  const cell = element(
    "div",
    {
      role: "gridcell",
      class: "cell",
      "data-genre": programme.group,
      "data-cancelled": programme.cancelled,
      "data-moved": wasMoved(programme),
      "data-shared": lanes > 1,
      "data-room": ROOM.find(({ below }) => length < below)?.name,
    },
    anchor,
  );
  cell.style.setProperty("--start", start);
  cell.style.setProperty("--length", length);
  if (lanes > 1) {
    cell.style.setProperty("--lane", lane);
    cell.style.setProperty("--lanes", lanes);
  }
  return { cell, anchor };
}

/** What is said of a programme to who does not see where it stands. */
export function label(programme, favourite) {
  return [
    programme.title,
    `${clockTime(programme.start)} to ${clockTime(programme.end)}`,
    programme.channel,
    programme.cancelled && "cancelled",
    wasMoved(programme) && `moved from ${clockTime(programme.movedFrom)}`,
    favourite && "favourite",
  ]
    .filter(Boolean)
    .join(", ");
}

function notes(programme) {
  return [
    clockTime(programme.start),
    programme.cancelled && "Cancelled",
    wasMoved(programme) && `Moved from ${clockTime(programme.movedFrom)}`,
    episodeOf(programme),
    programme.episode,
  ]
    .filter(Boolean)
    .join(" · ");
}
