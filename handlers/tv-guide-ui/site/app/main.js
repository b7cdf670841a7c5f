// Where the page begins: reads its configuration, makes the parts, and shows the view of the
// address. Read next: router.js, view/guide.js, view/grid.js, layout.js, api.js, session.js.

import { Api } from "./api.js";
import { Catalogue } from "./catalogue.js";
import { load } from "./config.js";
import { element } from "./dom.js";
import { Favourites } from "./favourites.js";
import { link, parse } from "./router.js";
import { Schedule } from "./schedule.js";
import { Session } from "./session.js";
import { FavouritesView } from "./view/favourites.js";
import { ForYouView } from "./view/for-you.js";
import { GuideView } from "./view/guide.js";
import { failure } from "./view/message.js";
import { PreferencesView } from "./view/preferences.js";
import { SearchView } from "./view/search.js";
import { SignInView } from "./view/sign-in.js";
import { TitleView } from "./view/title.js";

const VIEWS = {
  guide: GuideView,
  search: SearchView,
  title: TitleView,
  "for-you": ForYouView,
  favourites: FavouritesView,
  preferences: PreferencesView,
  "sign-in": SignInView,
};

const main = document.querySelector("main");
const account = document.querySelector("#account");
const live = document.querySelector("#live");
const toast = document.querySelector("#toast");

async function start() {
  const config = await load();
  const session = new Session(config);
  const api = new Api(config.api, session);
  const now = () => Date.now();
  const context = {
    api,
    session,
    catalogue: new Catalogue(api),
    schedule: new Schedule(api, now),
    favourites: new Favourites(api, session),
    now,
    title: (words) => (document.title = `${words} · Headend TV guide`),
    announce,
  };
  const made = new Map();
  let shown;

  const show = () => {
    const route = parse(location.hash);
    const name = Object.hasOwn(VIEWS, route.view) ? route.view : "guide";
    if (!made.has(name)) made.set(name, new VIEWS[name](context));
    const view = made.get(name);
    const changed = view !== shown;
    if (changed) {
      shown?.hide();
      document.body.dataset.view = name;
      main.replaceChildren(view.element);
      scrollTo(0, 0);
      mark(name);
    }
    drawAccount(context);
    view.show(route);
    if (changed && shown && !main.contains(document.activeElement)) main.querySelector("h1")?.focus();
    shown = view;
  };

  addEventListener("hashchange", show);
  // The part after `#` is the view's: the link to the content moves the focus itself.
  document.querySelector("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  session.addEventListener("change", () => {
    drawAccount(context);
    announce(session.user ? `Signed in as ${session.user}` : "Signed out", { visible: !session.user });
    if (!session.user) shown?.show(parse(location.hash));
  });
  if (session.user) context.favourites.load().catch(() => {});
  show();
}

function mark(name) {
  for (const anchor of document.querySelectorAll("#views a")) {
    if (parse(new URL(anchor.href).hash).view === name) {
      anchor.setAttribute("aria-current", "page");
      // On a phone not all of them are in view.
      anchor.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else anchor.removeAttribute("aria-current");
  }
}

function drawAccount({ session }) {
  const { view } = parse(location.hash);
  const next = view === "sign-in" ? undefined : location.hash;
  account.replaceChildren(
    ...(session.user
      ? [
          element("span", { class: "user" }, session.user),
          element("button", { type: "button", class: "button quiet", onclick: () => session.signOut() }, "Sign out"),
        ]
      : [element("a", { class: "button", href: link("sign-in", { next }) }, "Sign in")]),
  );
}

let vanish;
function announce(words, { visible = false } = {}) {
  live.textContent = words;
  if (!visible) return;
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(vanish);
  vanish = setTimeout(() => (toast.hidden = true), 8_000);
}

start().catch((error) => main.replaceChildren(failure(error, () => location.reload())));
