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
  element = element("section", { class: "page" },
    element("h1", { tabindex: "-1" }, "Favourites"),
    element("p", { class: "intro" }, "You are told when one of these is added to the guide, moved or cancelled."),
    this.#body);

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
      this.#body.replaceChildren(empty("No favourites yet", "Open a programme in the guide, or a title, and press its star.",
        element("a", { class: "button primary", href: link("guide") }, "To the guide")));
      return;
    }
    const named = await Promise.all(all.map((favourite) => this.#named(favourite)));
    if (!this.#shown) return;
    named.sort((a, b) => a.name.localeCompare(b.name, "en-GB"));
    this.#body.replaceChildren(element("ul", { class: "favourites" }, named.map((favourite) => this.#item(favourite))));
  }

  #item({ kind, id, name, next }) {
    const now = this.#context.now();
    return element("li", {},
      element("div", {},
        kind === "title" ? element("a", { href: link("title", id) }, name) : element("strong", {}, name),
        element("p", { class: "quiet" }, next
          ? ["Next: ", element("a", { href: link("guide", dayOf(next.start), next.id) }, `${dayLabel(dayOf(next.start), now)} ${clockTime(next.start)}`), ` on ${next.channel}`]
          : kind === "title" ? "To stream" : "Not on today")),
      favouriteButton(this.#context, kind, id, name));
  }

  async #named({ kind, id }) {
    const { api, schedule, now } = this.#context;
    if (kind === "title") {
      const { title } = await api.readOwn(`/titles/${encodeURIComponent(id)}`).catch(() => ({}));
      return { kind, id, name: title ?? `Title ${id}` };
    }
    const today = dayOf(now());
    if (!schedule.complete(today)) await schedule.load(today, now(), () => {}).catch(() => {});
    const own = schedule.all().filter(({ showId }) => showId === id).sort((a, b) => a.start - b.start);
    return { kind, id, name: own[0]?.title ?? `Show ${id}`, next: own.find(({ end, cancelled }) => end > now() && !cancelled) };
  }
}
