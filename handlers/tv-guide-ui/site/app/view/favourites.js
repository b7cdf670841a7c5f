// The user's favourite shows and titles.

import { element } from "../dom.js";
import { link } from "../router.js";
import { clockTime, dayLabel, dayOf } from "../time.js";
import { favouriteButton } from "./favourite-button.js";
import { empty, failure, loading } from "./message.js";

export class FavouritesView {
  #context;
  #shown = false;
  #body = element("div", { "aria-live": "polite" });
  element = element(
    "section",
    { class: "page" },
    element("h1", { tabindex: "-1" }, "Favourites"),
    element(
      "p",
      { class: "intro" },
      "A notification goes out when one of these is added to the guide, moved or cancelled.",
    ),
    this.#body,
  );

  constructor(context) {
    this.#context = context;
  }

  /** Fetches and shows them. */
  async show() {
    this.#shown = true;
    this.#context.title("Favourites");
    this.#body.replaceChildren(loading("Fetching your favourites…"));
    try {
      const all = await this.#context.favourites.load({ again: true });
      if (this.#shown) await this.#draw(all);
    } catch (error) {
      if (this.#shown) this.#body.replaceChildren(failure(error, () => this.show()));
    }
  }

  hide() {
    this.#shown = false;
  }

  async #draw(all) {
    if (all.length === 0) {
      this.#body.replaceChildren(
        empty(
          "No favourites yet",
          "Open a programme in the guide, or a title, and press its star.",
          element("a", { class: "button primary", href: link("guide") }, "To the guide"),
        ),
      );
      return;
    }
    const named = await this.#next(all);
    if (!this.#shown) return;
    named.sort((a, b) => a.name.localeCompare(b.name, "en-GB"));
    this.#body.replaceChildren(
      element(
        "ul",
        { class: "favourites" },
        named.map((favourite) => this.#item(favourite)),
      ),
    );
  }

  #item({ kind, id, name, next }) {
    const now = this.#context.now();
    return element(
      "li",
      {},
      element(
        "div",
        {},
        kind === "title" ? element("a", { href: link("title", id) }, name) : element("strong", {}, name),
        element(
          "p",
          { class: "quiet" },
          next
            ? [
                "Next: ",
                element(
                  "a",
                  { href: link("guide", dayOf(next.start), next.id) },
                  `${dayLabel(dayOf(next.start), now)} ${clockTime(next.start)}`,
                ),
                ` on ${next.channel}`,
              ]
            : kind === "title"
              ? "To stream"
              : "Not on today, nor on the days that you have looked at",
        ),
      ),
      favouriteButton(this.#context, kind, id, name),
    );
  }

  // When a show is on next, as far as today's guide and the days that were looked at tell.
  async #next(all) {
    const { schedule, now } = this.#context;
    const today = dayOf(now());
    // Without the guide the favourites are still worth showing.
    if (!schedule.complete(today)) await schedule.load(today, now(), () => {}).catch(() => {});
    const coming = schedule
      .all()
      .filter(({ end, cancelled }) => end > now() && !cancelled)
      .sort((a, b) => a.start - b.start);
    return all.map(({ kind, id, name }) => ({
      kind,
      id,
      name: name ?? (kind === "show" ? `Show ${id}` : `Title ${id}`),
      next: kind === "show" ? coming.find(({ showId }) => showId === id) : undefined,
    }));
  }
}
