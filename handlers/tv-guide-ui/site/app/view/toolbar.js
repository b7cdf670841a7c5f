// What stands above the programmes: the day, the way to other days and times, and what to show.

import { element } from "../dom.js";
import { link } from "../router.js";
import { dayLabel, days, longDay } from "../time.js";

export class Toolbar {
  #heading = element("h1", { tabindex: "-1" });
  #status = element("p", { class: "status", role: "status" });
  #days = element("nav", { class: "days", "aria-label": "Day" });
  #modes;

  /**
   * `act` is told what the reader wants: `shift(-1 or 1)`, `now()`, `evening()`, `mode(name)`,
   * `filter(text)`.
   */
  constructor(act) {
    this.#modes = [
      ["grid", "Grid"],
      ["list", "Now & next"],
    ].map(([mode, words]) => button(words, () => act.mode(mode), { "data-mode": mode }));
    this.element = element(
      "div",
      { class: "toolbar" },
      element("div", { class: "title" }, this.#heading, this.#status),
      this.#days,
      element(
        "div",
        { class: "controls" },
        element(
          "div",
          { class: "group", role: "group", "aria-label": "Time" },
          button("‹", () => act.shift(-1), { "aria-label": "Earlier", class: "button step" }),
          button("Now", () => act.now()),
          button("Tonight", () => act.evening()),
          button("›", () => act.shift(1), { "aria-label": "Later", class: "button step" }),
        ),
        element("div", { class: "group", role: "group", "aria-label": "Layout" }, this.#modes),
        element("input", {
          type: "search",
          class: "filter",
          placeholder: "Find channel",
          "aria-label": "Find channel",
          autocomplete: "off",
          spellcheck: "false",
          oninput: ({ target }) => act.filter(target.value.trim()),
        }),
      ),
    );
  }

  /** Shows which day it is, and the days there are. */
  day(shown, now) {
    this.#heading.textContent = longDay(shown);
    this.#days.replaceChildren(
      element(
        "ul",
        {},
        days(now).map((day) =>
          element(
            "li",
            {},
            element(
              "a",
              { href: link("guide", day), "aria-current": day === shown ? "date" : undefined },
              dayLabel(day, now),
            ),
          ),
        ),
      ),
    );
    this.#days.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Shows how the programmes are laid out. */
  mode(name) {
    for (const one of this.#modes) one.setAttribute("aria-pressed", one.dataset.mode === name);
  }

  /** Says how things stand. */
  say(words) {
    this.#status.textContent = words;
  }

  /** Puts the focus on the heading, where there is nothing better. */
  focus() {
    this.#heading.focus();
  }
}

function button(words, act, attributes = {}) {
  return element("button", { type: "button", class: "button", onclick: act, ...attributes }, words);
}
