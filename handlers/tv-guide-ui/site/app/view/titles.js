// Titles as a list of cards, with more of them on request.

import { element } from "../dom.js";
import { link } from "../router.js";
import { poster } from "./poster.js";

/** The list itself. */
export function titles(all) {
  return element("ul", { class: "cards" }, all.map(card));
}

function card(title) {
  const { id, title: name, year, type, poster: picture, ratings } = title;
  return element(
    "li",
    { class: "card" },
    poster(picture, name),
    element(
      "div",
      {},
      element("a", { class: "name", href: link("title", id) }, name),
      element("p", { class: "quiet" }, [type, year].filter(Boolean).join(", ")),
      ratings.length > 0 && element("p", { class: "rating" }, rating(ratings[0])),
    ),
  );
}

/** 7.9 of 10, TVmaze. */
export function rating({ source, value, scale }) {
  return [element("strong", {}, value.toFixed(1)), ` of ${scale}, ${source}`];
}
