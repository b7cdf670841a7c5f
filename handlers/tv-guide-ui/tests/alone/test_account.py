"""Signing in and what is the reader's own, before answers that are made up."""

from __future__ import annotations

from typing import Any

from browser import DESKTOP, BrowserTest
from made_up import Api, Cognito, row, sign_in
from playwright.sync_api import Page, expect

#: When most of the guide is still to come.
NOW = "2026-01-09T20:40:00Z"


class AccountTest(BrowserTest):
    def setUp(self) -> None:
        super().setUp()
        self.api = Api(row("a", "2026-01-09T00:00:00Z", 60, 24))
        self.cognito = Cognito()

    def page(self, address: str, ready: str = "main h1", signed_in: bool = True, **context: Any) -> Page:
        page = self.blank(context.pop("viewport", DESKTOP), **context)
        page.clock.install(time=NOW)
        self.api.serve(page, self.under_test)
        self.cognito.serve(page, self.under_test)
        if signed_in:
            sign_in(page, self.under_test)
        page.goto(self.under_test.site + address)
        page.wait_for_selector(ready)
        return page

    def sent(self, method: str, path: str) -> list[Any]:
        return [body for own, where, body in self.api.requests if (own, where) == (method, path)]


class SignIn(AccountTest):
    def fill(self, page: Page, password: str = "Secret123") -> None:
        page.get_by_label("Email address").fill("reader@example.com")
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()

    def test_what_needs_a_user_leads_to_signing_in_and_back(self) -> None:
        for address in ["#/preferences", "#/favourites", "#/for-you", "#/title/1", "#/search?q=har"]:
            with self.subTest(address):
                page = self.page(address, signed_in=False)
                page.get_by_role("main").get_by_role("link", name="Sign in").click()
                self.tolerate("404")
                self.fill(page)
                expect(page.locator("#account .user")).to_have_text("reader@example.com")
                expect(page).to_have_url(self.under_test.site + address)

    def test_an_address_elsewhere_is_not_gone_to(self) -> None:
        page = self.page("#/sign-in?next=https://evil.example/", signed_in=False)
        self.fill(page)
        page.wait_for_selector(".timeline")
        expect(page).to_have_url(self.under_test.site + "#/guide")

    def test_the_password_goes_to_cognito_alone_and_is_not_kept(self) -> None:
        page = self.page("#/sign-in", signed_in=False)
        self.fill(page)
        page.wait_for_selector(".timeline")
        [(call, body)] = self.cognito.calls
        self.assertEqual("InitiateAuth", call)
        self.assertEqual({"USERNAME": "reader@example.com", "PASSWORD": "Secret123"}, body["AuthParameters"])
        kept = page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])")
        self.assertNotIn("Secret123", kept + str(self.api.requests))

    def test_refusals_are_told_in_words(self) -> None:
        self.tolerate("status of 400")
        page = self.page("#/sign-in", signed_in=False)
        for exception, words in [
            ("NotAuthorizedException", "password is not right"),
            ("UserNotFoundException", "password is not right"),
            ("com.amazonaws#TooManyRequestsException", "too many attempts"),
            ("OddException", "Signing in did not work"),
        ]:
            self.cognito.refuse("InitiateAuth", exception)
            self.fill(page)
            expect(page.get_by_role("alert")).to_contain_text(words)

    def test_a_first_password_is_replaced(self) -> None:
        self.tolerate("status of 400")
        self.cognito.answers["InitiateAuth"] = (
            200,
            {
                "ChallengeName": "NEW_PASSWORD_REQUIRED",
                "Session": "s-1",
                "ChallengeParameters": {"USER_ID_FOR_SRP": "user-1"},
            },
        )
        page = self.page("#/sign-in", signed_in=False)
        self.fill(page, "Temporary1")
        self.cognito.refuse("RespondToAuthChallenge", "InvalidPasswordException")
        page.get_by_label("New password").fill("tooeasy1")
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("alert")).to_contain_text("too simple")
        self.cognito.answers["RespondToAuthChallenge"] = Cognito().answers["RespondToAuthChallenge"]
        page.get_by_label("New password").fill("Better123")
        page.get_by_role("button", name="Set password").click()
        page.wait_for_selector(".timeline")
        call, body = self.cognito.calls[-1]
        self.assertEqual({"USERNAME": "user-1", "NEW_PASSWORD": "Better123"}, body["ChallengeResponses"])
        self.assertEqual(("NEW_PASSWORD_REQUIRED", "s-1"), (body["ChallengeName"], body["Session"]))

    def test_signing_out_forgets_and_revokes(self) -> None:
        page = self.page("#/preferences", ready=".choice")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
        self.assertIsNone(page.evaluate("sessionStorage.getItem('headend.session')"))
        self.assertEqual(
            [("RevokeToken", {"Token": "renewal", "ClientId": self.under_test.config["client_id"]})], self.cognito.calls
        )


class Session(AccountTest):
    def test_a_token_is_renewed_once_before_it_expires(self) -> None:
        page = self.page("#/sign-in", signed_in=False)
        page.get_by_label("Email address").fill("reader@example.com")
        page.get_by_label("Password", exact=True).fill("Secret123")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_selector(".timeline")
        page.clock.fast_forward(59 * 60 * 1000 + 30_000)
        page.goto(self.under_test.site + "#/favourites")
        expect(page.get_by_text("No favourites yet")).to_be_visible()
        renewals = [body for call, body in self.cognito.calls if body.get("AuthFlow") == "REFRESH_TOKEN_AUTH"]
        self.assertEqual([{"REFRESH_TOKEN": "renewal"}], [body["AuthParameters"] for body in renewals])

    def test_a_refused_token_is_renewed_and_the_request_made_again(self) -> None:
        self.tolerate("status of 401")
        answers = iter([(401, {"message": "Unauthorized"})])
        preferences = self.api.handlers["GET", "/preferences"]
        self.api.on("GET", "/preferences", lambda *request: next(answers, None) or preferences(*request))
        page = self.page("#/preferences", ready=".choice")
        expect(page.get_by_label("Netflix")).to_be_checked()

    def test_a_session_that_has_ended_is_said_to_have(self) -> None:
        self.tolerate("status of 40[01]")
        self.api.on("GET", "/preferences", lambda *_: (401, {"message": "Unauthorized"}))
        self.cognito.refuse("InitiateAuth", "NotAuthorizedException")
        page = self.page("#/preferences")
        expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
        expect(page.locator("#account").get_by_role("link", name="Sign in")).to_be_visible()
        self.assertIsNone(page.evaluate("sessionStorage.getItem('headend.session')"))


class Preferences(AccountTest):
    def test_only_a_change_can_be_saved(self) -> None:
        page = self.page("#/preferences", ready=".choice")
        save = page.get_by_role("button", name="Save")
        expect(save).to_be_disabled()
        page.get_by_label("Drama").check()
        expect(save).to_be_enabled()
        page.get_by_label("Drama").uncheck()
        expect(save).to_be_disabled()

    def test_what_is_saved_is_what_was_chosen_under_the_version_that_was_seen(self) -> None:
        headers: list[dict[str, str]] = []
        self.api.on("PUT", "/preferences", lambda *_: (204, None))
        page = self.page("#/preferences", ready=".choice")
        page.on("request", lambda request: request.method == "PUT" and headers.append(request.headers))
        page.get_by_label("Comedy").check()
        page.get_by_label("Netflix").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        self.assertEqual([{"sources": [], "genres": ["4"]}], self.sent("PUT", "/preferences"))
        self.assertEqual(['"1"'], [one.get("if-match") for one in headers])

    def test_what_is_not_offered_any_more_is_kept(self) -> None:
        self.api.on("GET", "/preferences", lambda *_: (200, {"sources": ["999", "203"], "genres": []}))
        self.api.on("PUT", "/preferences", lambda *_: (204, None))
        page = self.page("#/preferences", ready=".choice")
        expect(page.get_by_text("2 chosen")).to_be_visible()
        page.get_by_label("BBC iPlayer").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        self.assertEqual({"203", "409", "999"}, set(self.sent("PUT", "/preferences")[0]["sources"]))

    def test_a_change_made_elsewhere_is_put_together_with_mine(self) -> None:
        self.tolerate("status of 412")
        theirs = {"sources": ["203", "409"], "genres": []}
        answers = iter([(412, {"title": "precondition failed", "status": 412})])
        self.api.on("PUT", "/preferences", lambda *_: next(answers, (204, None)))
        page = self.page("#/preferences", ready=".choice")
        page.get_by_label("Drama").check()
        self.api.on("GET", "/preferences", lambda *_: (200, theirs))
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("changed elsewhere")).to_be_visible()
        for label in ["Netflix", "BBC iPlayer", "Drama"]:
            expect(page.get_by_label(label)).to_be_checked()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("changed elsewhere")).to_be_hidden()
        sent = self.sent("PUT", "/preferences")[-1]
        self.assertEqual(({"203", "409"}, ["7"]), (set(sent["sources"]), sent["genres"]))

    def test_a_failure_keeps_what_was_chosen(self) -> None:
        self.tolerate("status of 500")
        self.api.on("PUT", "/preferences", lambda *_: (500, {"title": "internal error", "status": 500}))
        page = self.page("#/preferences", ready=".choice")
        page.get_by_label("Drama").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Not saved. The guide has a problem")).to_be_visible()
        expect(page.get_by_label("Drama")).to_be_checked()
        expect(page.get_by_role("button", name="Save")).to_be_enabled()

    def test_choices_can_be_found_by_name(self) -> None:
        page = self.page("#/preferences", ready=".choice")
        page.get_by_label("Filter sources").fill("play")
        expect(page.get_by_label("BBC iPlayer")).to_be_visible()
        expect(page.get_by_label("Netflix")).to_be_hidden()
        expect(page.get_by_label("Comedy")).to_be_visible()


class Favourites(AccountTest):
    ADDRESS = "#/guide/2026-01-09/a-20"

    def test_the_star_makes_and_unmakes_one(self) -> None:
        self.api.on("PUT", "/favourites/show/show-a-20", lambda *_: (204, None))
        self.api.on("DELETE", "/favourites/show/show-a-20", lambda *_: (204, None))
        page = self.page(self.ADDRESS, ready="dialog .star")
        star = page.get_by_role("dialog").locator(".star")
        star.click()
        expect(star).to_have_text("In your favourites")
        expect(page.locator(".cell[data-favourite]")).to_have_count(1)
        expect(page.locator("#live")).to_have_text("Programme a-20 is now a favourite")
        star.click()
        expect(star).to_have_text("Add to favourites")
        expect(page.locator(".cell[data-favourite]")).to_have_count(0)
        self.assertEqual(
            ["PUT", "DELETE"], [method for method, path, _ in self.api.requests if path.startswith("/favourites/")]
        )

    def test_it_shows_before_the_answer_and_is_taken_back_when_refused(self) -> None:
        self.tolerate("status of 409")
        page = self.page(self.ADDRESS, ready="dialog .star")
        star = page.get_by_role("dialog").locator(".star")
        seen: list[str] = []

        def refuse(*_: Any) -> tuple[int, Any]:
            seen.append("asked")
            return 409, {"title": "too many favourites", "detail": "a user follows 200 at most", "status": 409}

        self.api.on("PUT", "/favourites/show/show-a-20", refuse)
        page.evaluate("""() => {
            const star = document.querySelector("dialog .star");
            window.shown = [];
            new MutationObserver(() => window.shown.push(star.getAttribute("aria-pressed"))).observe(star, { attributes: true });
        }""")
        star.click()
        expect(page.locator("#toast")).to_contain_text("A user follows 200 at most")
        expect(star).to_have_attribute("aria-pressed", "false")
        self.assertEqual((["asked"], ["true", "false"]), (seen, page.evaluate("window.shown")))
        expect(page.locator(".cell[data-favourite]")).to_have_count(0)

    def test_who_is_not_signed_in_is_led_there_and_back(self) -> None:
        page = self.page(self.ADDRESS, ready="dialog .star", signed_in=False)
        page.get_by_role("dialog").get_by_role("link", name="Sign in to add").click()
        page.get_by_label("Email address").fill("reader@example.com")
        page.get_by_label("Password", exact=True).fill("Secret123")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("dialog", name="Programme a-20")).to_be_visible()
        expect(page.get_by_role("dialog").get_by_role("button", name="Add to favourites")).to_be_visible()

    def test_the_list_tells_what_is_on_next(self) -> None:
        self.api.on(
            "GET",
            "/favourites",
            lambda *_: (
                200,
                {
                    "favourites": [
                        {"kind": "show", "id": "show-a-22", "name": "Harbour Lights", "since": NOW},
                        {"kind": "show", "id": "gone", "name": None, "since": NOW},
                        {"kind": "title", "id": "31", "name": "A Film", "since": NOW},
                    ]
                },
            ),
        )
        page = self.page("#/favourites", ready=".favourites li")
        items = page.locator(".favourites li")
        expect(items).to_have_count(3)
        expect(items.filter(has_text="Harbour Lights")).to_contain_text("Next: Today 22:00 on Channel a")
        expect(items.filter(has_text="Show gone")).to_contain_text("Not on today")
        expect(page.get_by_role("link", name="A Film")).to_have_attribute("href", "#/title/31")


class Titles(AccountTest):
    TITLE = {
        "id": 31,
        "title": "Harbour Lights",
        "year": 2025,
        "type": "tv_series",
        "imdb_id": "tt9900001",
        "source_ids": ["203"],
        "genre_ids": ["7"],
        "plot_overview": "A harbour.",
        "poster": None,
        "user_rating": 8.1,
        "ratings": [{"source": "tvmaze", "value": 7.9, "scale": 10}],
        "show_id": None,
        "airings": [],
    }

    def test_search_shows_programmes_and_titles_page_by_page(self) -> None:
        def titles(query: dict[str, str], _: Any) -> tuple[int, Any]:
            cursor = query.get("cursor", "0")
            # The second page is empty and yet not the last.
            found = [] if cursor == "1" else [{**self.TITLE, "id": 31 + int(cursor), "title": f"Harbour {cursor}"}]
            return 200, {"titles": found, "next": {"0": "1", "1": "2"}.get(cursor)}

        self.api.on("GET", "/titles", titles)
        page = self.page("#/search?q=programme%20a-21")
        expect(page.locator(".airings li")).to_have_count(1)
        expect(page.locator(".card")).to_have_count(1)
        page.get_by_role("button", name="Show more").click()
        expect(page.locator(".card")).to_have_count(2)
        expect(page.get_by_role("link", name="Harbour 2")).to_be_focused()
        expect(page.get_by_role("button", name="Show more")).to_have_count(0)

    def test_a_search_has_an_address(self) -> None:
        self.api.on("GET", "/titles", lambda *_: (200, {"titles": [], "next": None}))
        page = self.page("#/search")
        page.get_by_label("Name begins with").fill("ha & co")
        page.get_by_label("Name begins with").press("Enter")
        expect(page.get_by_text("Nothing found")).to_be_visible()
        page.get_by_label("Source").select_option(label="BBC iPlayer")
        page.wait_for_url("**source=409*")
        self.assertIn("q=ha+%26+co", page.url)
        page.reload()
        expect(page.get_by_label("Name begins with")).to_have_value("ha & co")
        expect(page.get_by_label("Source")).to_have_value("409")

    def test_a_title_has_a_page(self) -> None:
        self.api.on("GET", "/titles/31", lambda *_: (200, {**self.TITLE, "airings": [self.api.programmes[22]]}))
        page = self.page("#/title/31", ready=".lead")
        main = page.get_by_role("main")
        for words in [
            "Harbour Lights",
            "Series",
            "2025",
            "Drama",
            "8.1 of 10, Watchmode",
            "7.9 of 10, TVmaze",
            "A harbour.",
            "Netflix",
            "Today 22:00",
        ]:
            expect(main).to_contain_text(words)
        self.assertEqual("Harbour Lights · Headend TV guide", page.title())
        expect(page.locator("h1")).to_be_focused()

    def test_a_title_that_is_gone_is_said_to_be(self) -> None:
        self.tolerate("status of 404")
        page = self.page("#/title/32")
        expect(page.get_by_role("alert")).to_contain_text("Not found")

    def test_recommendations_need_preferences(self) -> None:
        self.api.on("GET", "/recommendations", lambda *_: (200, {"titles": []}))
        page = self.page("#/for-you")
        expect(page.get_by_role("link", name="Choose preferences")).to_be_visible()
        self.api.on("GET", "/recommendations", lambda *_: (200, {"titles": [self.TITLE]}))
        page.reload()
        expect(page.get_by_role("link", name="Harbour Lights")).to_be_visible()
