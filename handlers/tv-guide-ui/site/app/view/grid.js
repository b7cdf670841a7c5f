// The grid: channels by time, as elements. One programme at a time can be reached with Tab; arrow
// keys move from it to others, as the ARIA pattern for grids has it.

import { element } from "../dom.js";
import { at, phase, rows, step } from "../layout.js";
import { longDay, MINUTE, ticks } from "../time.js";
import { drawBlock, label } from "./block.js";

// Safari has no word for being idle.
const whenIdle = globalThis.requestIdleCallback ?? ((draw) => setTimeout(draw, 200));

/** How far beyond the edges, in minutes, blocks are drawn at once; the others follow. */
const MARGIN = 60;

/** How far from the left edge, in minutes, names are made to stay in view. */
const NEAR = 3;

export class Grid {
  #favourites;
  #turn;
  #day;
  #window;
  #rows = [];
  #links = new Map();
  #lines = new Map();
  #active;
  #at = [0, 0];
  #reach;
  #rest;
  #now;
  #hours = element("div", { class: "hours", "aria-hidden": "true" });
  #line = element("div", { class: "now-line", "aria-hidden": "true" });
  #body = element("div", { role: "grid", "aria-readonly": "true", "aria-describedby": "grid-keys" });
  #canvas = element("div", { class: "canvas" }, this.#hours, this.#line, this.#body);

  /** The element that scrolls. */
  element = element("div", { class: "timeline" }, this.#canvas);

  /** `turn` is called with -1 or 1 where a key asks for the day before or after. */
  constructor(favourites, turn) {
    this.#favourites = favourites;
    this.#turn = turn;
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#body.addEventListener("focusin", ({ target }) => this.#arrive(target));
  }

  /**
   * Draws a day, seen from `start` on. Of the day that is drawn already only what has changed is
   * made anew, and it stays where it is: so does the focus, while the rest of the day comes in.
   */
  draw(day, window, channels, programmes, now, start) {
    const anew = this.#day !== day;
    const edge = anew ? this.#begin(day, window, start) : this.#left;
    this.#rows = rows(channels, programmes, window);
    this.#build(now);
    this.#stick(edge);
    this.#settle(edge);
    if (anew) this.reveal(start);
  }

  /** Moves the now-line, and says of each programme whether it is over, on, or to come. */
  tick(now) {
    if (!this.#window) return;
    const { from, to } = this.#window;
    this.#line.hidden = now < from || now >= to;
    this.#line.style.setProperty("--start", (now - from) / MINUTE);
    for (const { blocks } of this.#rows) {
      for (const { programme } of blocks) {
        const cell = this.#links.get(programme.id)?.cell;
        const is = phase(programme, now);
        if (cell && cell.dataset.phase !== is) cell.dataset.phase = is;
      }
    }
  }

  /** Marks the favourites. */
  mark() {
    for (const { cell, anchor, programme } of this.#links.values()) {
      const is = this.#isFavourite(programme);
      if (cell.hasAttribute("data-favourite") === is && anchor.ariaLabel) continue;
      cell.toggleAttribute("data-favourite", is);
      anchor.ariaLabel = label(programme, is);
    }
  }

  /** Scrolls an instant to where the eye begins. */
  reveal(instant, { smooth = false } = {}) {
    const minutes = (instant - this.#window.from) / MINUTE;
    const glides = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.element.scrollTo({ left: minutes * this.#scale, behavior: glides ? "smooth" : "instant" });
    if (!glides) this.#at[0] = this.element.scrollLeft;
    // Tab leads to what is looked at, unless it has led somewhere already.
    if (!this.#body.contains(document.activeElement)) this.#settle(minutes, { anew: true });
  }

  /** The instant at the left edge. */
  get visible() {
    this.keep();
    return this.#window.from + this.#left * MINUTE;
  }

  /**
   * Notes where it is. The event of the last scroll comes with the next frame, which is too late
   * for what is taken from the page before.
   */
  keep() {
    if (this.element.isConnected) this.#at = [this.element.scrollLeft, this.element.scrollTop];
  }

  /** Scrolls to where it was when it was last kept. */
  restore() {
    const [left, top] = this.#at;
    this.element.scrollTo({ left, top, behavior: "instant" });
  }

  /** Focuses a programme, if the day has it. */
  focus(id) {
    if (!this.#links.has(id)) this.#drawAll();
    const anchor = this.#links.get(id)?.anchor;
    if (!anchor) return false;
    anchor.focus({ preventScroll: true });
    anchor.parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  // The left edge in minutes from the window's beginning, as it was last scrolled: to ask the
  // element itself would lay the page out.
  get #left() {
    return this.#at[0] / this.#scale;
  }

  #scrolled() {
    if (!this.element.isConnected) return;
    this.keep();
    this.#stick(this.#left);
  }

  get #scale() {
    return Number.parseFloat(getComputedStyle(this.element).getPropertyValue("--minute"));
  }

  #isFavourite({ showId }) {
    return showId !== undefined && this.#favourites.has("show", showId);
  }

  // Answers where the left edge will be.
  #begin(day, window, start) {
    [this.#day, this.#window] = [day, window];
    const [wide, all] = [innerWidth / this.#scale, (window.to - window.from) / MINUTE];
    // It scrolls no further than to the day's last hours.
    const left = Math.min((start - window.from) / MINUTE, all - wide);
    this.#reach = { from: left - MARGIN, to: left + wide + MARGIN };
    this.#rest ??= whenIdle(() => this.#drawAll());
    this.#links = new Map();
    this.#lines = new Map();
    this.#body.setAttribute("aria-label", `Programmes on ${longDay(day)}, London time`);
    this.#canvas.style.setProperty("--minutes", (window.to - window.from) / MINUTE);
    this.#hours.replaceChildren(
      element("span", { class: "corner" }),
      ...ticks(window).map(({ at: instant, label: words }) => {
        const mark = element("span", { class: "tick" }, words);
        mark.style.setProperty("--start", (instant - window.from) / MINUTE);
        return mark;
      }),
    );
    return left;
  }

  #build(now) {
    this.#now = now;
    const focused = this.#body.contains(document.activeElement) ? this.#active?.id : undefined;
    const links = new Map();
    const elements = this.#rows.map((row, index) => this.#row(row, index, links));
    this.#links = links;
    order(this.#body, elements);
    this.#body.setAttribute("aria-rowcount", this.#rows.length);
    this.tick(now);
    this.mark();
    if (focused && !this.#body.contains(document.activeElement)) this.focus(focused);
  }

  // All of a day takes three times as long to draw as what is in view.
  #drawAll() {
    this.#rest = undefined;
    if (this.#reach.to === Infinity) return;
    this.#reach = { from: -Infinity, to: Infinity };
    this.#build(this.#now);
    if (!this.#active) this.#settle(this.#left);
  }

  #row({ channel, blocks }, index, links) {
    let row = this.#lines.get(channel.id);
    if (!row) {
      row = element(
        "div",
        { role: "row", class: "row" },
        element("div", { role: "rowheader", class: "channel" }, element("span", {}, channel.name)),
      );
      this.#lines.set(channel.id, row);
    }
    row.setAttribute("aria-rowindex", index + 1);
    row.style.setProperty("--tall", Math.max(1, ...blocks.map(({ lanes }) => lanes / 2)));
    const { from, to } = this.#reach;
    const cells = blocks.flatMap((block, position) =>
      block.start < to && block.start + block.length > from ? [this.#cell(block, index, position, links)] : [],
    );
    const bare = blocks.length === 0 && element("div", { role: "gridcell", class: "bare" }, "No listings");
    order(row, [row.firstChild, ...(bare ? [bare] : cells)]);
    return row;
  }

  #cell(block, row, index, links) {
    const { programme } = block;
    const look = JSON.stringify(block);
    const known = this.#links.get(programme.id);
    const drawn = known?.look === look ? known : { look, ...drawBlock(block, this.#day) };
    const { cell, anchor } = drawn;
    links.set(programme.id, { look, cell, anchor, programme, row, index });
    return cell;
  }

  // The name of a programme that began left of the edge stays in view. Every sticky element is a
  // layer of its own, so that only those near the edge are: all of them took 170 ms of each frame.
  #stick(from) {
    if (from < this.#reach.from || from + innerWidth / this.#scale > this.#reach.to) this.#drawAll();
    for (const { blocks } of this.#rows) {
      for (const { programme, start, length } of blocks) {
        const cell = this.#links.get(programme.id)?.cell;
        const near = start < from + NEAR && start + length > from;
        if (cell && near !== cell.hasAttribute("data-edge")) cell.toggleAttribute("data-edge", near);
      }
    }
  }

  // Something can always be reached with Tab: what was, or the first channel's programme in view.
  #settle(edge, { anew = false } = {}) {
    const same = this.#links.get(this.#active?.id);
    if (same && !anew) return this.#activate(same, this.#active.anchor);
    const first = this.#rows.find(({ blocks }) => blocks.length > 0);
    const block = first && at(first.blocks, this.#window.from + edge * MINUTE);
    const drawn = block && this.#links.get(block.programme.id);
    if (drawn) this.#activate(drawn);
    else this.#active = undefined;
  }

  // `instant` is what going up and down keeps to; see `step`.
  #activate({ anchor, row, index, programme }, instant) {
    const last = this.#links.get(this.#active?.id);
    if (last) last.anchor.tabIndex = -1;
    anchor.tabIndex = 0;
    this.#active = { id: programme.id, row, index, anchor: instant };
  }

  #arrive(target) {
    const arrived = this.#links.get(target.closest("[data-id]")?.dataset.id);
    if (arrived && arrived.programme.id !== this.#active?.id) this.#activate(arrived);
  }

  #key(event) {
    if (event.altKey || event.metaKey || event.shiftKey || !this.#active) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      this.#turn(event.key === "PageUp" ? -1 : 1);
      return;
    }
    const edge = event.ctrlKey && (event.key === "Home" || event.key === "End");
    if (event.ctrlKey && !edge) return;
    const to = edge ? this.#corner(event.key) : step(this.#rows, this.#active, event.key);
    if (!to) return;
    event.preventDefault();
    const { id } = this.#rows[to.row].blocks[to.index].programme;
    this.focus(id);
    this.#activate(this.#links.get(id), to.anchor);
  }

  #corner(key) {
    const filled = this.#rows.filter(({ blocks }) => blocks.length > 0);
    const row = key === "Home" ? filled[0] : filled.at(-1);
    return { row: this.#rows.indexOf(row), index: key === "Home" ? 0 : row.blocks.length - 1 };
  }
}

// Makes these the children, in this order; those that stand right are not touched.
function order(parent, children) {
  let place = parent.firstChild;
  for (const child of children) {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}
