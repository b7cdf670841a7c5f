// One programme, in a dialog over the guide; its address opens it again.

import { element, outside } from "../dom.js";
import { phase, progress } from "../layout.js";
import { episodeOf, wasMoved } from "../model.js";
import { link } from "../router.js";
import { clockTime, dayLabel, dayOf, lengthInWords, longDay, zoneName } from "../time.js";
import { favouriteButton } from "./favourite-button.js";
import { poster } from "./poster.js";

/** How many other showings are listed. */
const SHOWINGS = 6;

export class ProgrammeDialog {
  #context;
  #closed;
  #silent = false;
  #shown;
  #body = element("div", { class: "body" });

  element = element(
    "dialog",
    {
      class: "programme-dialog",
      "aria-labelledby": "programme-name",
      onclose: () => this.#left(),
      onclick: (event) => this.#outside(event),
    },
    element(
      "button",
      { type: "button", class: "close", "aria-label": "Close", onclick: () => this.element.close() },
      "×",
    ),
    this.#body,
  );

  /** `closed` is called when the reader closes it. */
  constructor(context, closed) {
    this.#context = context;
    this.#closed = closed;
  }

  /** Shows a programme of the schedule; what is shown already stays, with the focus in it. */
  show(programme, showings) {
    const what = JSON.stringify([programme, showings, this.#context.session.user]);
    if (this.element.open && this.#shown === what) return;
    this.#shown = what;
    this.#context.title(programme.title);
    this.#open(this.#content(programme, showings));
  }

  /** Says that there is no such programme. */
  missing() {
    this.#shown = undefined;
    this.#open([
      element("h2", { id: "programme-name", tabindex: "-1" }, "Not in the guide"),
      element("p", {}, "This programme is not in the guide for this day, or no longer."),
    ]);
  }

  /** Takes it away without telling that the reader did. */
  hide() {
    if (!this.element.open) return;
    this.#silent = true;
    this.element.close();
  }

  #open(content) {
    const inside = this.#body.contains(document.activeElement);
    this.#body.replaceChildren(...content);
    if (!this.element.open) {
      this.#silent = false;
      this.element.showModal();
    } else if (!inside) return;
    this.#body.querySelector("#programme-name").focus();
  }

  #left() {
    if (!this.#silent) this.#closed();
  }

  // A click beside the dialog is one on its backdrop, which counts as the dialog itself.
  #outside({ target }) {
    if (target === this.element) this.element.close();
  }

  #content(programme, showings) {
    const now = this.#context.now();
    const { title, channel, start, end, description, image, genres, url, showId, cancelled, movedFrom } = programme;
    const day = dayOf(start);
    return [
      element(
        "header",
        {},
        poster(image, title, "wide"),
        element(
          "div",
          {},
          element("h2", { id: "programme-name", tabindex: "-1" }, title),
          element(
            "p",
            { class: "at" },
            element("strong", {}, channel),
            ` · ${longDay(day)}`,
            element("br"),
            `${clockTime(start)} – ${clockTime(end)} ${zoneName(start)} · ${lengthInWords(end - start)}`,
          ),
          cancelled && element("p", { class: "notice bad" }, "Cancelled: this is no longer in the day’s schedule."),
          wasMoved(programme) &&
            element(
              "p",
              { class: "notice" },
              `Moved: it was to begin at ${clockTime(movedFrom)}${dayOf(movedFrom) === day ? "" : ` on ${longDay(dayOf(movedFrom))}`}.`,
            ),
          !cancelled && phase(programme, now) === "now" && onNow(programme, now),
        ),
      ),
      element(
        "p",
        { class: "facts" },
        [programme.episode, episodeOf(programme), ...genres].filter(Boolean).join(" · "),
      ),
      element("p", { class: "plot" }, description || "No description was given for this programme."),
      element(
        "p",
        { class: "actions" },
        showId !== undefined && favouriteButton(this.#context, "show", showId, title),
        element("a", { class: "button", href: link("search", { q: title }) }, "Where to stream it"),
      ),
      showings.length > 0 &&
        element(
          "section",
          { class: "showings" },
          element("h3", {}, "Also on"),
          element(
            "ul",
            {},
            showings
              .slice(0, SHOWINGS)
              .map((other) =>
                element(
                  "li",
                  {},
                  element(
                    "a",
                    { href: link("guide", dayOf(other.start), other.id) },
                    `${dayLabel(dayOf(other.start), now)} ${clockTime(other.start)}`,
                  ),
                  ` ${other.channel}`,
                  episodeOf(other) && element("span", { class: "quiet" }, ` ${episodeOf(other)}`),
                ),
              ),
          ),
        ),
      element(
        "p",
        { class: "credit" },
        "Listing by ",
        outside(url ?? "https://www.tvmaze.com/", "TVmaze"),
        ", CC BY-SA 4.0",
      ),
    ].filter(Boolean);
  }
}

function onNow(programme, now) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--far", progress(programme, now));
  return element("p", { class: "on-now" }, `On now, ${lengthInWords(programme.end - now)} to go`, bar);
}
