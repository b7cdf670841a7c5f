// The guide of a day: its toolbar, and the programmes as a grid or, on narrow screens, a list.

import { element } from "../dom.js";
import { explain } from "../problem.js";
import { go, link } from "../router.js";
import { addDays, atTime, bounds, clockTime, dayLabel, dayOf, days, HOUR, isDay, longDay, MINUTE } from "../time.js";
import { Grid } from "./grid.js";
import { failure, loading } from "./message.js";
import { NowNext } from "./now-next.js";
import { ProgrammeDialog } from "./programme.js";

/** How often the line and the programmes that are on are looked at again. */
const TICK = 15_000;

/** How old a day may grow before it is fetched again. */
const FRESH = 5 * MINUTE;

/** Where the evening begins. */
const EVENING = "19:00";

/** How much of what went before stands left of the time that is asked for. */
const LEAD = 20 * MINUTE;

const MODE = "headend.mode";

export class GuideView {
  #context;
  #grid;
  #list;
  #dialog;
  #parts = {};
  #mode;
  #day;
  #programme;
  #over = false;
  #channels = [];
  #filter = "";
  #instant;
  #loaded = 0;
  #loading;
  #timer;

  constructor(context) {
    this.#context = context;
    this.#grid = new Grid(context.favourites, (by) => this.#turn(by));
    this.#list = new NowNext(context.favourites);
    this.#dialog = new ProgrammeDialog(context, () => this.#leave());
    const narrow = matchMedia("(max-width: 640px)");
    const chosen = localStorage.getItem(MODE);
    this.#mode = chosen ?? (narrow.matches ? "list" : "grid");
    if (!chosen) narrow.addEventListener("change", () => !localStorage.getItem(MODE) && this.#choose(narrow.matches ? "list" : "grid"));
    this.element = this.#build();
    context.favourites.addEventListener("change", () => this.#marks());
    addEventListener("online", () => this.#refresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.#beat());
  }

  /** Shows the day and programme of an address. */
  show({ params: [day, programme] }) {
    const now = this.#context.now();
    const shown = isDay(day ?? "") ? day : dayOf(now);
    // The way back leads to where this dialog was opened only if that was the guide without one.
    this.#over = this.#timer !== undefined && !this.#programme;
    this.#programme = programme;
    this.#context.title(`${dayLabel(shown, now)} ${longDay(shown)}`);
    this.#timer ??= setInterval(() => this.#beat(), TICK);
    if (shown === this.#day) this.#openOrClose();
    else this.#turnTo(shown, now);
  }

  /** Stops what goes on while it is shown. */
  hide() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#dialog.hide();
  }

  #build() {
    const parts = this.#parts;
    const button = (words, act, attributes = {}) => element("button", { type: "button", class: "button", onclick: act, ...attributes }, words);
    parts.heading = element("h1", { tabindex: "-1" });
    parts.days = element("nav", { class: "days", "aria-label": "Day" });
    parts.status = element("p", { class: "status", role: "status" });
    parts.modes = ["grid", "list"].map((mode) => button(mode === "grid" ? "Grid" : "Now & next", () => this.#choose(mode, true), { "data-mode": mode }));
    parts.time = element("output", { class: "time" });
    parts.body = element("div", { class: "guide-body" });
    return element("section", { class: "guide" },
      element("div", { class: "toolbar" },
        element("div", { class: "title" }, parts.heading, parts.status),
        parts.days,
        element("div", { class: "controls" },
          element("div", { class: "group", role: "group", "aria-label": "Time" },
            button("‹", () => this.#shift(-1), { "aria-label": "Earlier", class: "button step" }),
            button("Now", () => this.#toNow()),
            button("Tonight", () => this.#toEvening()),
            button("›", () => this.#shift(1), { "aria-label": "Later", class: "button step" })),
          element("div", { class: "group", role: "group", "aria-label": "Layout" }, parts.modes),
          element("input", {
            type: "search", class: "filter", placeholder: "Find channel", "aria-label": "Find channel",
            autocomplete: "off", spellcheck: "false", oninput: ({ target }) => this.#narrow(target.value),
          }))),
      parts.time,
      element("p", { id: "grid-keys", class: "hidden" },
        "Arrow keys move between programmes, Enter opens one, Page Up and Page Down change the day."),
      parts.body, this.#dialog.element);
  }

  #turnTo(day, now) {
    const before = this.#day;
    const offset = before && this.#mode === "grid" && this.#shown() ? this.#grid.visible - bounds(before).from : undefined;
    this.#day = day;
    this.#loaded = 0;
    this.#parts.heading.textContent = longDay(day);
    this.#drawDays(now);
    const start = day === dayOf(now) && offset === undefined ? now - LEAD : offset === undefined ? atTime(day, EVENING) : bounds(day).from + offset;
    if (this.#instant !== undefined) this.#instant = atTime(day, clockTime(this.#instant));
    this.#fetch(start);
  }

  async #fetch(around) {
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    const day = this.#day;
    const draw = () => {
      if (signal.aborted) return;
      this.#draw(around);
      this.#openOrClose();
    };
    const known = this.#context.schedule.programmes(day).length > 0 && this.#channels.length > 0;
    if (known) draw();
    else this.#parts.body.replaceChildren(loading("Fetching the guide…"));
    this.#say(known ? "" : "Loading…");
    try {
      this.#channels = await this.#context.schedule.channels();
      await this.#context.schedule.load(day, around, draw, signal);
      if (signal.aborted) return;
      this.#loaded = this.#context.now();
      this.#say(`Updated ${clockTime(this.#loaded)}`);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  #failed(error) {
    if (this.#context.schedule.programmes(this.#day).length === 0) {
      this.#say("");
      this.#parts.body.replaceChildren(failure(error, () => this.#refresh()));
      return;
    }
    const { heading } = explain(error);
    const since = this.#loaded ? `showing what was loaded at ${clockTime(this.#loaded)}` : "part of the day is missing";
    this.#say(`${heading}; ${since}`);
  }

  #draw(start = this.#listed(this.#context.now()) - LEAD) {
    const now = this.#context.now();
    const wanted = this.#filter.toLocaleLowerCase("en-GB");
    const channels = this.#channels.filter(({ name }) => name.toLocaleLowerCase("en-GB").includes(wanted));
    const programmes = this.#context.schedule.programmes(this.#day);
    if (channels.length === 0) {
      this.#parts.body.replaceChildren(element("p", { class: "message", role: "status" },
        this.#channels.length ? `No channel is called “${this.#filter}”.` : "The guide has no channels yet."));
      return;
    }
    const shown = this.#mode === "grid" ? this.#grid.element : this.#list.element;
    if (!shown.isConnected) this.#parts.body.replaceChildren(shown);
    if (this.#mode === "grid") this.#grid.draw(this.#day, bounds(this.#day), channels, programmes, now, start);
    else this.#list.draw(this.#day, channels, programmes, this.#listed(now), now);
    this.#parts.time.hidden = this.#mode === "grid";
    const listed = this.#listed(now);
    this.#parts.time.textContent = listed === now ? `On now, ${clockTime(now)}` : `On at ${clockTime(listed)}`;
    for (const button of this.#parts.modes) button.setAttribute("aria-pressed", button.dataset.mode === this.#mode);
  }

  // The instant that the list shows: the one that was asked for, now, or another day's evening.
  #listed(now) {
    return this.#instant ?? (this.#day === dayOf(now) ? now : atTime(this.#day, EVENING));
  }

  #drawDays(now) {
    this.#parts.days.replaceChildren(element("ul", {}, days(now).map((day) => element("li", {},
      element("a", { href: link("guide", day), "aria-current": day === this.#day ? "date" : undefined }, dayLabel(day, now))))));
    this.#parts.days.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #openOrClose() {
    if (!this.#programme) return this.#dialog.hide();
    const { schedule } = this.#context;
    const found = schedule.programmes(this.#day).find(({ id }) => id === this.#programme);
    if (found) this.#dialog.show(found, this.#otherShowings(found));
    else if (schedule.complete(this.#day)) this.#dialog.missing();
  }

  #otherShowings({ id, showId }) {
    if (showId === undefined) return [];
    const now = this.#context.now();
    return this.#context.schedule.all()
      .filter((other) => other.showId === showId && other.id !== id && other.end > now && !other.cancelled)
      .sort((a, b) => a.start - b.start);
  }

  // The reader closed the dialog: the address follows, and so does the focus.
  #leave() {
    const programme = this.#programme;
    this.#programme = undefined;
    if (this.#over) history.back();
    else go(link("guide", this.#day), { replace: true });
    if (!this.#focus(programme)) this.#parts.heading.focus();
  }

  #focus(programme) {
    return (this.#mode === "grid" ? this.#grid : this.#list).focus(programme);
  }

  #turn(by) {
    const to = addDays(this.#day, by);
    if (days(this.#context.now()).includes(to)) go(link("guide", to));
    else this.#context.announce(by < 0 ? "This is the first day of the guide" : "This is the last day of the guide");
  }

  #shift(direction) {
    if (this.#mode === "grid") {
      const { from, to } = bounds(this.#day);
      const at = this.#grid.visible + direction * 2 * HOUR;
      this.#grid.reveal(Math.min(Math.max(at, from), to), { smooth: true });
      return;
    }
    const { from, to } = bounds(this.#day);
    const start = this.#listed(this.#context.now());
    // To the next full hour, so that the way there and back meets the same times.
    const hour = direction < 0 ? Math.ceil(start / HOUR) - 1 : Math.floor(start / HOUR) + 1;
    this.#instant = Math.min(Math.max(hour * HOUR, from), to - HOUR);
    this.#draw();
  }

  #toNow() {
    const now = this.#context.now();
    this.#instant = undefined;
    if (this.#day !== dayOf(now)) {
      this.#day = undefined;
      go(link("guide", dayOf(now)));
    } else if (this.#mode === "grid") this.#grid.reveal(now - LEAD, { smooth: true });
    else this.#draw();
  }

  #toEvening() {
    const evening = atTime(this.#day, EVENING);
    this.#instant = evening;
    if (this.#mode === "grid") this.#grid.reveal(evening, { smooth: true });
    else this.#draw();
  }

  #choose(mode, keep = false) {
    if (keep) localStorage.setItem(MODE, mode);
    if (mode === this.#mode) return;
    const instant = this.#mode === "grid" && this.#shown() ? this.#grid.visible : this.#listed(this.#context.now()) - LEAD;
    this.#mode = mode;
    if (this.#channels.length === 0) return;
    this.#draw();
    if (mode === "grid") this.#grid.reveal(instant);
  }

  #shown() {
    return this.#grid.element.isConnected;
  }

  #narrow(text) {
    this.#filter = text.trim();
    if (this.#channels.length) this.#draw();
  }

  #marks() {
    if (this.#mode === "grid") this.#grid.mark();
    else if (this.#channels.length && this.#list.element.isConnected) this.#draw();
  }

  #beat() {
    if (this.#timer === undefined || document.hidden) return;
    const now = this.#context.now();
    if (this.#loaded && now - this.#loaded > FRESH) this.#refresh();
    if (this.#mode === "grid") this.#grid.tick(now);
    else if (this.#instant === undefined && this.#list.element.isConnected) this.#draw();
    if (!this.#parts.days.querySelector(`[href="${link("guide", days(now)[0])}"]`)) this.#drawDays(now);
  }

  #refresh() {
    if (this.#timer === undefined || !this.#day) return;
    this.#fetch(this.#mode === "grid" && this.#shown() ? this.#grid.visible : this.#listed(this.#context.now()));
  }

  #say(words) {
    this.#parts.status.textContent = words;
  }
}
