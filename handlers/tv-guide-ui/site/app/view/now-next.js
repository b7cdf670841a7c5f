// The list for narrow screens: on each channel what is on, and what follows.

import { element } from "../dom.js";
import { nowAndNext, progress } from "../layout.js";
import { episodeOf, wasMoved } from "../model.js";
import { link } from "../router.js";
import { clockTime } from "../time.js";
import { star } from "./favourite-button.js";

/** How many programmes are told of after the one that is on. */
const FOLLOWING = 2;

export class NowNext {
  #favourites;
  element = element("ul", { class: "now-next" });

  constructor(favourites) {
    this.#favourites = favourites;
  }

  /** Draws what is on at `instant`; `now` says how far it has come. */
  draw(day, channels, programmes, instant, now) {
    const focused = document.activeElement?.closest(".now-next [data-id]")?.dataset.id;
    const byChannel = Map.groupBy(programmes, ({ channelId }) => channelId);
    this.element.replaceChildren(
      ...channels.map((channel) => {
        const { on, next } = nowAndNext(byChannel.get(channel.id) ?? [], instant, FOLLOWING);
        const name = `channel-${channel.id}`;
        return element(
          "li",
          {},
          element("h2", { id: name }, channel.name),
          on || next.length
            ? element(
                "ol",
                { "aria-labelledby": name },
                on && this.#item(day, on, now, true),
                next.map((programme) => this.#item(day, programme, now)),
              )
            : element("p", { class: "bare" }, "No listings"),
        );
      }),
    );
    if (focused) this.focus(focused);
  }

  /** Focuses a programme, if it is drawn. */
  focus(id) {
    const anchor = this.element.querySelector(`[data-id="${CSS.escape(id)}"]`);
    anchor?.focus();
    return Boolean(anchor);
  }

  #item(day, programme, now, on = false) {
    const favourite = programme.showId !== undefined && this.#favourites.has("show", programme.showId);
    const item = element(
      "li",
      { class: on ? "on" : undefined, "data-genre": programme.group },
      element(
        "a",
        { href: link("guide", day, programme.id), "data-id": programme.id },
        element("time", { datetime: new Date(programme.start).toISOString() }, clockTime(programme.start)),
        element(
          "span",
          { class: "name" },
          programme.title,
          favourite && element("span", { class: "mark" }, star(), element("span", { class: "hidden" }, "favourite")),
        ),
        element(
          "span",
          { class: "when" },
          [
            wasMoved(programme) && `moved from ${clockTime(programme.movedFrom)}`,
            on ? `until ${clockTime(programme.end)}` : episodeOf(programme),
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
    );
    const far = progress(programme, now);
    if (on && far > 0 && far < 1) {
      const bar = element("span", { class: "bar", "aria-hidden": "true" });
      bar.style.setProperty("--far", far);
      item.firstChild.append(bar);
    }
    return item;
  }
}
