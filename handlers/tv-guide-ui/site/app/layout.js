// Where programmes stand in the grid, and which one an arrow key leads to. Pure: data in, data out.

import { MINUTE } from "./time.js";

/**
 * The rows of the grid: each channel with the blocks of the programmes that are on in the window.
 * Programmes of a channel that overlap, such as a cancelled one and what takes its place, share
 * the row's height: each is in `lane` of so many `lanes`.
 */
export function rows(channels, programmes, window) {
  const byChannel = Map.groupBy(programmes, (programme) => programme.channelId);
  return channels.map((channel) => {
    const own = (byChannel.get(channel.id) ?? [])
      .filter(({ start, end }) => end > window.from && start < window.to)
      .sort((a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1));
    return { channel, blocks: overlapping(own).flatMap((together) => stack(together, window)) };
  });
}

// Cuts programmes, ordered by start, where one begins after all before it have ended.
function overlapping(programmes) {
  const groups = [];
  let until = -Infinity;
  for (const programme of programmes) {
    if (programme.start >= until) groups.push([]);
    groups.at(-1).push(programme);
    until = Math.max(until, programme.end);
  }
  return groups;
}

function stack(programmes, window) {
  const free = [];
  const blocks = programmes.map((programme) => {
    let lane = free.findIndex((until) => until <= programme.start);
    if (lane === -1) lane = free.length;
    free[lane] = programme.end;
    const from = Math.max(programme.start, window.from);
    const to = Math.min(programme.end, window.to);
    return { programme, lane, start: (from - window.from) / MINUTE, length: (to - from) / MINUTE };
  });
  return blocks.map((block) => ({ ...block, lanes: free.length }));
}

/** Whether a programme is over, on, or to come. */
export function phase({ start, end }, now) {
  if (end <= now) return "past";
  return start <= now ? "now" : "next";
}

/** How much of a programme is over, from 0 to 1. */
export function progress({ start, end }, now) {
  return Math.min(Math.max((now - start) / (end - start), 0), 1);
}

/** The first programme that is on at an instant, or the next one after it, or the last before. */
export function at(blocks, instant) {
  const onOrAfter = blocks.find(({ programme }) => programme.end > instant);
  return onOrAfter ?? blocks.at(-1);
}

/**
 * Where a key leads from a programme: `{ row, index, anchor }`, or nothing at the grid's edge.
 *
 * `anchor` is the instant that going up and down keeps to, so that a short programme between two
 * long ones does not shift the way; going left and right sets it anew.
 */
export function step(grid, from, key) {
  const { row, index, anchor } = from;
  const blocks = grid[row].blocks;
  switch (key) {
    case "ArrowLeft":
      return index > 0 ? place(grid, row, index - 1) : undefined;
    case "ArrowRight":
      return index < blocks.length - 1 ? place(grid, row, index + 1) : undefined;
    case "Home":
      return place(grid, row, 0);
    case "End":
      return place(grid, row, blocks.length - 1);
    case "ArrowUp":
      return vertical(grid, row, -1, anchor ?? blocks[index].programme.start);
    case "ArrowDown":
      return vertical(grid, row, 1, anchor ?? blocks[index].programme.start);
    default:
      return undefined;
  }
}

function place(grid, row, index) {
  return { row, index, anchor: grid[row].blocks[index].programme.start };
}

function vertical(grid, row, direction, anchor) {
  for (let other = row + direction; other >= 0 && other < grid.length; other += direction) {
    const { blocks } = grid[other];
    const block = at(blocks, anchor);
    if (block) return { row: other, index: blocks.indexOf(block), anchor };
  }
  return undefined;
}

/** What is on a channel at an instant, and the programmes that follow; cancelled ones are left out. */
export function nowAndNext(programmes, instant, following) {
  const coming = programmes
    .filter((programme) => !programme.cancelled && programme.end > instant)
    .sort((a, b) => a.start - b.start);
  const on = coming.find(({ start }) => start <= instant);
  return { on, next: coming.filter(({ start }) => start > instant).slice(0, following) };
}
