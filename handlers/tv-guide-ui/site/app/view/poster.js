// A picture from upstream, or one of our own where there is none or it does not load.

import { element } from "../dom.js";

/** The picture of something; decoration, as its name stands beside it. */
export function poster(address, name, shape = "tall") {
  const frame = element("div", { class: `poster ${shape}`, "aria-hidden": "true" });
  const substitute = () => {
    frame.classList.add("drawn");
    frame.style.setProperty("--hue", hue(name));
    frame.replaceChildren(element("span", {}, initials(name)));
  };
  if (!address) substitute();
  else {
    frame.append(
      element("img", {
        src: address,
        alt: "",
        loading: "lazy",
        decoding: "async",
        referrerpolicy: "no-referrer",
        onerror: substitute,
      }),
    );
  }
  return frame;
}

function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const telling = words.filter((word) => !/^(the|a|an|of|and)$/i.test(word));
  return (telling.length ? telling : words)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join("");
}

function hue(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}
