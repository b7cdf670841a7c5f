// The guide of a day: its toolbar, and the programmes as a grid or, on narrow screens, a list.

import { element } from "../dom.js";
import { explain } from "../problem.js";
import { go, link } from "../router.js";
import { addDays, atTime, bounds, clockTime, dayLabel, dayOf, days, HOUR, isDay, longDay, MINUTE } from "../time.js";
import { Grid } from "./grid.js";
import { failure, loading } from "./message.js";
import { NowNext } from "./now-next.js";
import { ProgrammeDialog } from "./programme.js";
import { Toolbar } from "./toolbar.js";

/** How often the line and the programmes that are on are looked at again. */
const TICK = 15_000;

/** How old a day may grow before it is fetched again. */
const FRESH = 5 * MINUTE;

/** Where the evening begins. */
const EVENING = "19:00";

/** How much of what went before stands left of the time that is asked for. */
const LEAD = 20 * MINUTE;

/** How far the grid goes with one press of a button. */
const STEP = 2 * HOUR;

/** Where the layout that was chosen is kept. */
const MODE = "headend.mode";

export class GuideView {
  #context;
  #toolbar;
  #grid;
  #list;
  #dialog;
  #time = element("output", { class: "time" });
  #body = element("div", { class: "guide-body" });
  #mode;
  #day;
  #follows = false;
  #programme;
  #over = false;
  #channels = [];
  #filter = "";
  #instant;
  #asked = 0;
  #loaded = 0;
  #loading;
  #timer;
  #top = 0;

  constructor(context) {
    this.#context = context;
    this.#toolbar = new Toolbar({
      shift: (direction) => this.#shift(direction),
      now: () => this.#toNow(),
      evening: () => this.#toEvening(),
      mode: (name) => this.#choose(name, true),
      filter: (text) => this.#narrow(text),
    });
    this.#grid = new Grid(context.favourites, (by) => this.#turn(by));
    this.#list = new NowNext(context.favourites);
    this.#dialog = new ProgrammeDialog(context, () => this.#leave());
    const narrow = matchMedia("(max-width: 640px)");
    this.#mode = localStorage.getItem(MODE) ?? (narrow.matches ? "list" : "grid");
    narrow.addEventListener(
      "change",
      () => localStorage.getItem(MODE) || this.#choose(narrow.matches ? "list" : "grid"),
    );
    this.element = element(
      "section",
      { class: "guide" },
      this.#toolbar.element,
      this.#time,
      element(
        "p",
        { id: "grid-keys", class: "hidden" },
        "Arrow keys move between programmes, Enter opens one, Page Up and Page Down change the day.",
      ),
      this.#body,
      this.#dialog.element,
    );
    context.favourites.addEventListener("change", () => this.#marks());
    addEventListener("online", () => this.#refresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.#beat());
  }

  /** Shows the day and programme of an address. */
  show({ params: [day, programme] }) {
    const now = this.#context.now();
    const shown = isDay(day ?? "") ? day : dayOf(now);
    const returns = this.#timer === undefined;
    this.#follows = shown !== day;
    // The way back leads to where this dialog was opened only if that was the guide without one.
    this.#over = !returns && !this.#programme;
    this.#programme = programme;
    this.#context.title(`${dayLabel(shown, now)} ${longDay(shown)}`);
    this.#timer ??= setInterval(() => this.#beat(), TICK);
    if (shown !== this.#day) return this.#turnTo(shown, now);
    if (returns) this.#restore();
    this.#beat();
    this.#openOrClose();
  }

  /** Stops what goes on while it is shown. */
  hide() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#top = scrollY;
    if (this.#isGrid()) this.#grid.keep();
    this.#dialog.hide();
  }

  // What was taken from the page comes back where it was.
  #restore() {
    if (this.#isGrid()) this.#grid.restore();
    else scrollTo(0, this.#top);
  }

  #turnTo(day, now) {
    const passed = this.#day && this.#isGrid() ? this.#grid.visible - bounds(this.#day).from : undefined;
    this.#day = day;
    this.#loaded = 0;
    this.#toolbar.day(day, now);
    if (this.#instant !== undefined) this.#instant = atTime(day, clockTime(this.#instant));
    const begin = day === dayOf(now) ? now - LEAD : atTime(day, EVENING);
    this.#fetch(passed === undefined ? begin : bounds(day).from + passed);
  }

  async #fetch(around) {
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    const { schedule, now } = this.#context;
    const day = this.#day;
    const draw = () => {
      if (signal.aborted) return;
      this.#draw(around);
      this.#openOrClose();
    };
    const known = this.#channels.length > 0 && (schedule.complete(day) || schedule.programmes(day).length > 0);
    if (known) draw();
    else this.#put(loading("Fetching the guide…"));
    this.#toolbar.say(known ? "" : "Loading…");
    this.#asked = now();
    try {
      this.#channels = await schedule.channels();
      await schedule.load(day, around, draw, signal);
      if (signal.aborted) return;
      this.#loaded = now();
      this.#toolbar.say(`Updated ${clockTime(this.#loaded)}`);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  #failed(error) {
    if (this.#context.schedule.programmes(this.#day).length === 0) {
      this.#toolbar.say("");
      this.#put(failure(error, () => this.#refresh()));
      return;
    }
    const { heading } = explain(error);
    const since = this.#loaded ? `showing what was loaded at ${clockTime(this.#loaded)}` : "part of the day is missing";
    this.#toolbar.say(`${heading}; ${since}`);
  }

  #draw(start = this.#listed(this.#context.now()) - LEAD) {
    const now = this.#context.now();
    const wanted = this.#filter.toLocaleLowerCase("en-GB");
    const channels = this.#channels.filter(({ name }) => name.toLocaleLowerCase("en-GB").includes(wanted));
    const programmes = this.#context.schedule.programmes(this.#day);
    const listed = this.#listed(now);
    this.#toolbar.mode(this.#mode);
    this.#time.hidden = this.#mode === "grid";
    this.#time.textContent = listed === now ? `On now, ${clockTime(now)}` : `On at ${clockTime(listed)}`;
    if (channels.length === 0) {
      this.#put(
        element(
          "p",
          { class: "message", role: "status" },
          this.#channels.length ? `No channel is called “${this.#filter}”.` : "The guide has no channels yet.",
        ),
      );
      return;
    }
    const { element: shown } = this.#mode === "grid" ? this.#grid : this.#list;
    const returns = !shown.isConnected;
    if (returns) this.#put(shown);
    if (this.#mode === "list") return this.#list.draw(this.#day, channels, programmes, listed, now);
    this.#grid.draw(this.#day, bounds(this.#day), channels, programmes, now, start);
    if (returns) this.#grid.restore();
  }

  // The instant that the list shows: the one that was asked for, now, or another day's evening.
  #listed(now) {
    return this.#instant ?? (this.#day === dayOf(now) ? now : atTime(this.#day, EVENING));
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
    return this.#context.schedule
      .all()
      .filter((other) => other.showId === showId && other.id !== id && other.end > now && !other.cancelled)
      .sort((a, b) => a.start - b.start);
  }

  // The reader closed the dialog: the address follows, and so does the focus.
  #leave() {
    const programme = this.#programme;
    this.#programme = undefined;
    if (this.#over) history.back();
    else go(link("guide", this.#day), { replace: true });
    const shown = this.#isGrid() ? this.#grid : this.#list;
    if (!shown.focus(programme)) this.#toolbar.focus();
  }

  #turn(by) {
    const to = addDays(this.#day, by);
    if (days(this.#context.now()).includes(to)) go(link("guide", to));
    else this.#context.announce(by < 0 ? "This is the first day of the guide" : "This is the last day of the guide");
  }

  #shift(direction) {
    const { from, to } = bounds(this.#day);
    if (this.#mode === "grid") {
      if (!this.#isGrid()) return;
      this.#grid.reveal(Math.min(Math.max(this.#grid.visible + direction * STEP, from), to), { smooth: true });
      return;
    }
    const start = this.#listed(this.#context.now());
    // To the next full hour, so that the way there and back meets the same times.
    const hour = direction < 0 ? Math.ceil(start / HOUR) - 1 : Math.floor(start / HOUR) + 1;
    this.#goTo(Math.min(Math.max(hour * HOUR, from), to - HOUR));
  }

  #toNow() {
    const now = this.#context.now();
    this.#instant = undefined;
    if (this.#day === dayOf(now)) return this.#goTo(undefined, now - LEAD);
    // Not the same time on that day, but now.
    this.#day = undefined;
    go(link("guide", dayOf(now)));
  }

  #toEvening() {
    this.#goTo(atTime(this.#day, EVENING));
  }

  // The list shows an instant, or follows the clock; the grid goes there.
  #goTo(instant, edge = instant) {
    this.#instant = instant;
    if (this.#isGrid()) this.#grid.reveal(edge, { smooth: true });
    else if (this.#channels.length) this.#draw();
  }

  #choose(mode, keep = false) {
    if (keep) localStorage.setItem(MODE, mode);
    if (mode === this.#mode) return;
    const edge = this.#isGrid() ? this.#grid.visible : this.#listed(this.#context.now()) - LEAD;
    this.#mode = mode;
    if (this.#channels.length === 0) return;
    this.#draw(edge);
    if (this.#isGrid()) this.#grid.reveal(edge);
  }

  // Shows this in place of what was there; a grid comes back as it went.
  #put(shown) {
    if (this.#isGrid()) this.#grid.keep();
    this.#body.replaceChildren(shown);
  }

  // Whether the grid is what is shown now, and not a message in its place.
  #isGrid() {
    return this.#grid.element.parentElement === this.#body;
  }

  #narrow(text) {
    this.#filter = text;
    if (this.#channels.length) this.#draw();
  }

  #marks() {
    if (this.#isGrid()) this.#grid.mark();
    else if (this.#list.element.isConnected) this.#draw();
  }

  #beat() {
    if (this.#timer === undefined || document.hidden) return;
    const now = this.#context.now();
    if (this.#follows && this.#day !== dayOf(now)) {
      // Midnight has passed over an address that means today.
      this.#day = undefined;
      return this.#turnTo(dayOf(now), now);
    }
    if (now - this.#asked > FRESH) this.#refresh();
    if (this.#isGrid()) this.#grid.tick(now);
    else if (this.#instant === undefined && this.#list.element.isConnected) this.#draw();
  }

  #refresh() {
    if (this.#timer === undefined || !this.#day) return;
    this.#fetch(this.#isGrid() ? this.#grid.visible : this.#listed(this.#context.now()));
  }
}
