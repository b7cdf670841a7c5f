// A programme in a list: its name, when and where it is on, and the way to it in the guide.

import { element } from "../dom.js";
import { link } from "../router.js";
import { clockTime, dayLabel, dayOf } from "../time.js";

/** One item of such a list. */
export function airing({ id, title, channel, start }, now) {
  const day = dayOf(start);
  return element(
    "li",
    {},
    element("a", { href: link("guide", day, id) }, title),
    element("span", { class: "quiet" }, `${dayLabel(day, now)} ${clockTime(start)}, ${channel}`),
  );
}
