"""Every page in both languages, wide and narrow, light and dark; and the walks that people take."""
import pathlib
import tempfile

import pytest
from selenium.webdriver.common.keys import Keys

import lk
import walk
from browser import Browser

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="#0a7d33"/></svg>'
OWN = ["/profile", "/password", "/sessions", "/accounts", "/audit"]
WORDS = {
    "en": {"/sign-in": "Sign in", "/sign-up": "Create an account", "/forgot": "Reset your password",
           "/profile": "Profile", "/password": "Change password", "/sessions": "Sessions", "/accounts": "Accounts",
           "/audit": "Audit", "/nowhere": "There is nothing here", "/claim": "Set up Latchkey"},
    "fr": {"/sign-in": "Se connecter", "/sign-up": "Créer un compte", "/forgot": "Réinitialiser le mot de passe",
           "/profile": "Profil", "/password": "Changer le mot de passe", "/sessions": "Sessions", "/accounts": "Comptes",
           "/audit": "Journal", "/nowhere": "Il n’y a rien ici", "/claim": "Configurer Latchkey"},
}


@pytest.fixture(scope="module")
def server():
    running = lk.Server()
    yield running
    running.close()


@pytest.fixture(scope="module")
def windows(server):
    """Ada's and Grace's, after the stranger's walk."""
    def mailed():
        return server.link("grace@example.com", "password_reset_confirm")
    both = walk.whole(server.url, server.setup_code, mailed)
    yield both
    for window in both:
        window.close()


def test_a_strangers_walk(windows):
    first, second = windows
    assert first.path == "/accounts" and second.path == "/profile"


def both_looks(page, path, words, name):
    """Wide and light, then narrow and dark."""
    page.look()
    page.open(path)
    page.wait(lambda: page.heading == words, f"no heading {words!r}")
    page.check(f"{page.language}{name}")
    page.look(320, 640, dark=True)
    page.open(path)
    page.wait(lambda: page.heading == words, f"no heading {words!r}")
    page.check(f"{page.language}{name}-narrow-dark")
    page.look()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page(server, windows, language):
    words = WORDS[language]
    page = Browser(server.url, language)
    try:
        for path in ("/sign-in", "/sign-up", "/forgot", "/claim"):
            both_looks(page, path, words[path], path.replace("/", "-"))
        page.allowed = [("nowhere", 404)]
        both_looks(page, "/nowhere", words["/nowhere"], "-not-found")
        page.open("/sign-in?next=/sessions")
        page.at("/sign-in")
        walk.sign_in(page, "ada", walk.PASSWORD)
        page.at("/sessions")
        for path in OWN:
            both_looks(page, path, words[path], path.replace("/", "-"))
        page.open("/")
        page.at("/profile")
        assert page.driver.execute_script("return document.documentElement.lang") == language
    finally:
        page.close()


def test_mailed_pages(server, windows):
    ada = windows[0]
    link = server.link("ada@example.com", "verify-email")
    ada.open(link)
    ada.says("Your e-mail address is verified.")
    ada.check("verified")
    ada.allowed = [("verify-email", 400), ("password_reset_confirm", 400)]
    ada.open(link)
    ada.says("This link is not valid")
    ada.check("verified-twice")
    ada.open("/auth/password_reset_confirm/a/b/?lang=fr")
    ada.says("Ce lien n’est pas valable")
    ada.check("reset-bad-link")
    ada.allowed = []
    ada.press("Demander un nouveau lien")
    ada.at("/profile")  # she is signed in


def test_the_language_is_kept(server, windows):
    ada = windows[0]
    ada.open("/sessions")
    ada.at("/sessions")
    ada.press("Français")
    ada.wait(lambda: ada.named("Sessions") and ada.named("Se déconnecter", "header"), "no French")
    ada.open("/audit")
    ada.wait(lambda: ada.heading == "Journal", "the choice is lost")
    ada.press("English")
    ada.wait(lambda: ada.heading == "Audit", "no English")


def test_administration(server, windows):
    ada, grace = windows
    ada.open("/accounts")
    ada.at("/accounts")
    ada.fill()
    ada.find("#f-search").send_keys("zebra")
    ada.says("No account fits")
    ada.check("accounts-none")
    ada.find("#f-search").send_keys(Keys.BACKSPACE * 5 + "grace")
    ada.press("Manage Grace B. Hopper")
    ada.check("manage")
    ada.press("Disable account", "dialog")
    ada.check("manage-sure")
    ada.press("Disable account", "dialog .actions")
    ada.says("Disabled")
    ada.check("accounts-disabled")
    # Her cookie is dead: the next thing she does leads to the door.
    grace.allowed = [("auth/session", 401)]
    grace.press("Sessions", "nav")
    grace.at("/sign-in")
    grace.says("Votre session est terminée")
    grace.check("session-ended")
    ada.press("Manage Grace B. Hopper")
    ada.press("Enable account", "dialog")
    ada.wait(lambda: "Disabled" not in ada.text, "still disabled")
    # Herself, the only admin: refused in words.
    ada.find("#f-search").send_keys(Keys.BACKSPACE * 5 + "ada")
    ada.press("Manage ada")
    ada.allowed = [("auth/accounts", 409)]
    ada.press("Disable account", "dialog")
    ada.press("Disable account", "dialog .actions")
    ada.says("the only active administrator")
    ada.check("last-admin")
    ada.allowed = []
    ada.press("Close", "dialog")


def test_own_sessions_and_password(server, windows):
    ada = windows[0]
    other = Browser(server.url)
    try:
        # Wherever a link to the door leads on, it is not to another host.
        other.open("/sign-in?next=//evil.example/profile")
        other.at("/sign-in")
        walk.sign_in(other, "ada", walk.PASSWORD)
        other.at("/profile")
        assert other.driver.current_url == server.url + "/profile"
        # A path that becomes one of two slashes once its dots are gone is still one of ours: there is no such page.
        other.press("Sign out", "header")
        other.at("/sign-in")
        other.allowed = [("//evil.example/profile", 404)]
        other.open("/sign-in?next=/.//evil.example/profile")
        walk.sign_in(other, "ada", walk.PASSWORD)
        other.at("//evil.example/profile")
        assert other.driver.current_url == server.url + "//evil.example/profile"
        other.allowed = []
        other.open("/profile")
        other.at("/profile")
        ada.open("/sessions")
        ada.at("/sessions")
        ada.says("This device")
        ada.check("sessions-several")
        ada.press("Sign out all other devices")
        ada.press("Sign out all other devices", "dialog")
        ada.says("You are signed in on this device alone.")
        other.press("Sessions", "nav")
        other.at("/sign-in")
    finally:
        other.close()
    ada.open("/password")
    ada.at("/password")
    ada.allowed = [("auth/session/account", 400)]
    ada.fill(current_password="wrong", password="another good one")
    ada.press("Change the password")
    ada.says("This is not your current password.")
    ada.check("password-wrong")
    ada.allowed = []
    ada.fill(current_password=walk.PASSWORD)
    ada.press("Change the password")
    ada.at("/sessions")
    ada.says("Your password is changed")


def crop_by_keys(page):
    """The file is chosen in a window of the browser's own; from there on it is ours."""
    walk.choose_picture(page)
    assert page.focused.get_attribute("id") == "f-zoom"
    whole = walk.drawn(page)
    page.type(Keys.ARROW_RIGHT * 8)
    page.wait(lambda: walk.drawn(page) != whole, "the slider zooms nothing")
    larger = walk.drawn(page)
    page.tab_to("dialog canvas")
    page.type(Keys.ARROW_RIGHT * 3, Keys.ARROW_DOWN)
    page.wait(lambda: walk.drawn(page) != larger, "arrow keys move nothing")
    page.shot("keyboard-crop")
    page.tab_to("dialog .primary")
    page.type(Keys.ENTER)
    walk.has_picture(page)


def test_keyboard_alone(server, windows):
    """Through every page to an invitation without a pointer; focus is always somewhere sensible."""
    client_admin = "another good one"
    page = Browser(server.url)
    try:
        page.open("/sign-in")
        page.at("/sign-in")
        page.type(Keys.TAB)
        assert page.focused.get_attribute("id") == "skip"
        page.tab_to("[name=username]")
        page.type("ada", Keys.TAB, client_admin, Keys.ENTER)
        page.at("/profile")
        page.wait(lambda: page.focused.tag_name == "h1", "the heading is not focused")
        crop_by_keys(page)
        for path in ("/password", "/sessions", "/audit", "/profile", "/accounts"):
            page.driver.execute_script("document.getElementById('skip').focus()")
            page.tab_to(f"nav a[href='{path}']")
            page.type(Keys.ENTER)
            page.at(path)
            page.wait(lambda: page.focused.tag_name == "h1", f"the heading of {path} is not focused")
        page.tab_to(".tools button.primary")
        page.type(Keys.ENTER)
        page.wait(lambda: page.focused.get_attribute("name") == "email", "the dialog does not take the focus")
        page.type("nonsense", Keys.ENTER)
        page.allowed = [("auth/accounts", 400)]
        page.wait(lambda: page.focused.get_attribute("aria-invalid") == "true", "the wrong field is not focused")
        page.check("keyboard-error")
        page.type(Keys.ESCAPE)
        page.wait(lambda: page.focused.text == "Invite somebody", "focus does not come back")
        page.tab_to("button.row")
        page.type(Keys.ENTER)
        page.find("dialog[open]")
        page.type(Keys.ESCAPE)
        page.wait(lambda: page.driver.execute_script("return document.querySelector('dialog') === null"), "still open")
    finally:
        page.close()


def test_a_device_that_is_slow_or_gone():
    """What is on its way is announced; what does not come is said, with a way to try again."""
    server = lk.Server()
    page = Browser(server.url)
    try:
        page.driver.execute_cdp_cmd("Network.enable", {})
        walk.claim(page, server.setup_code)
        page.network(latency=20000)
        page.press("Sessions", "nav")
        page.find(".bone")
        page.shot("loading")
        page.network(offline=True)
        page.allowed = [("auth/", None)]
        page.press("Audit", "nav")
        page.says("The device does not answer.")
        page.check("offline")
        page.network()
        page.press("Try again")
        page.says("Device set up")
        page.check("back-online")
        server.stop()
        page.press("Sign out", "header")
        page.says("The device does not answer.")
    finally:
        page.close()
        server.close()


def test_a_brand():
    with tempfile.TemporaryDirectory() as folder:
        logo = pathlib.Path(folder, "logo.svg")
        logo.write_text(LOGO)
        server = lk.Server(brand_name="Café & Söhne <b>", brand_color="#ffe100", brand_logo=str(logo))
        try:
            page = Browser(server.url)
            try:
                page.open("/")
                page.at("/claim")
                assert page.heading == "Set up Café & Söhne <b>" and page.driver.title.endswith("· Café & Söhne <b>")
                page.wait(lambda: page.driver.execute_script(
                    "const i = document.querySelector('.mark'); return i.complete && i.naturalWidth > 0"
                    " && i.src.includes('brand-logo')"), "not the brand's logo")
                page.check("brand")  # axe finds no contrast that is too low, though the colour is a bad one
                page.look(dark=True)
                page.check("brand-dark")
            finally:
                page.close()
        finally:
            server.close()
