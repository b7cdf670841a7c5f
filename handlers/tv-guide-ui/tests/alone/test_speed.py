"""What drawing the largest day costs: 40 channels of half hours."""

from __future__ import annotations

from browser import BrowserTest
from made_up import Api, row

#: Milliseconds of the main thread, for what is in view and for all of the day. The aim is 100 until
#: the reader sees something, on a machine of its own; these are what no change may pass unseen, on
#: one that does other work as well and has no graphics card.
IN_VIEW, ALL = 150, 400

#: Draws a day in a fresh grid, several times, until its pixels are on the way to the screen; and
#: with `all` what is out of view, too, which the page leaves for when it has nothing else to do.
DRAW = """async ([rounds, all]) => {
    window.drawAll = all;
    const base = location.href.split("#")[0];
    const load = (name) => import(new URL(`app/${name}.js`, base));
    const [{ Grid }, { Api }, { Schedule }, { bounds }] = await Promise.all(["view/grid", "api", "schedule", "time"].map(load));
    const { api } = await (await fetch("config.json")).json();
    const now = Date.parse("2026-01-09T20:40:00Z");
    window.schedule ??= new Schedule(new Api(api), () => now);
    if (!schedule.complete("2026-01-09")) await schedule.load("2026-01-09", now, () => {});
    const [channels, programmes] = [await schedule.channels(), schedule.programmes("2026-01-09")];
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(0);
    }));
    for (let round = 0; round < rounds; round += 1) {
        const grid = new Grid(Object.assign(new EventTarget(), { has: () => false }), () => {});
        document.querySelector(".guide-body").replaceChildren(grid.element);
        grid.draw("2026-01-09", bounds("2026-01-09"), channels, programmes, now, now);
        await painted();
    }
    return document.querySelectorAll(".cell").length;
}"""

ROUNDS = 5


class Speed(BrowserTest):
    def test_the_largest_day_is_drawn_at_once(self) -> None:
        channels = [f"channel{number:02}" for number in range(40)]
        api = Api([one for channel in channels for one in row(channel, "2026-01-09T00:00:00Z", 30, 48)], channels)
        page = self.blank()
        page.add_init_script(
            "window.requestIdleCallback = (draw) => (window.drawAll === false ? 0 : queueMicrotask(draw))"
        )
        api.serve(page, self.under_test)
        page.goto(self.under_test.site)
        page.wait_for_selector("text=Updated")
        page.evaluate(DRAW, [2, True])
        developer = page.context.new_cdp_session(page)
        # Time of the thread, so that other programs' work does not count.
        developer.send("Performance.enable", {"timeDomain": "threadTicks"})
        for whole, most in [(False, IN_VIEW), (True, ALL)]:
            before = self.busy(developer)
            drawn = page.evaluate(DRAW, [ROUNDS, whole])
            took = (self.busy(developer) - before) * 1000 / ROUNDS
            print(f"{drawn} programmes in {took:.0f} ms ", end="", flush=True)
            self.assertEqual(whole, drawn == 40 * 48)
            with self.subTest(whole=whole):
                self.assertLess(took, most)

    def busy(self, developer) -> float:
        metrics = {one["name"]: one["value"] for one in developer.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"]
