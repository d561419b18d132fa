"""What a stranger does, reading nothing: claims a device, invites a second person, who loses the password. Runs against
any address: a board's as well."""
import re
import struct
import tempfile
import zlib

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from browser import Browser

PASSWORD = "correct horse battery"
SECOND = "staple under the stairs"

def picture(width=240, height=150):
    """A PNG: a sun over a field."""
    rows = b""
    for y in range(height):
        rows += b"\0"
        for x in range(width):
            sun = (x - 150) ** 2 + (y - 55) ** 2 < 900
            rows += bytes((250, 200, 60) if sun else (90, 150, 90) if y > 100 else (130 + y, 190 + y // 4, 240))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def claim(page, code):
    """The address that the QR code on the console holds; the rest is asked for."""
    page.open(f"/claim#{code}")
    page.at("/claim")
    assert page.driver.current_url.endswith("/claim"), "the code stays out of the history"
    page.fill(username="ada", email="ada@example.com", password=PASSWORD)
    page.press("Create the administrator")
    page.at("/accounts")
    page.says("you are its administrator")
    page.check("walk-claimed")


def invite(page):
    """Returns the path of the link that the admin is given."""
    page.press("Invite somebody")
    page.fill(email="grace@example.com", full_name="Grace Hopper", username="grace")
    page.check("walk-invite")
    page.press("Invite", "dialog")
    url = page.find("#f-link").get_attribute("value")
    page.check("walk-invited")
    page.press("Close", "dialog .actions")
    page.says("Grace Hopper")
    return re.sub(r"^https?://[^/]+", "", url)


def accept(page, link):
    """The invited person, whose browser runs no script and speaks French."""
    page.allowed = [("password_reset_confirm", 400)]  # two words that differ, below
    page.scripts(False)
    page.open(link)
    page.shot("walk-invitation")
    page.fill(new_password1=PASSWORD, new_password2="another")
    page.press("Enregistrer le mot de passe")
    page.says("Les deux mots de passe ne sont pas les mêmes.")
    page.shot("walk-invitation-mismatch")
    page.fill(new_password1=PASSWORD, new_password2=PASSWORD)
    page.press("Enregistrer le mot de passe")
    page.says("Votre mot de passe est enregistré")
    page.scripts(True)
    page.press("Se connecter")
    page.at("/sign-in")
    sign_in(page, "grace@example.com", PASSWORD)
    page.at("/profile")
    page.check("walk-accepted")
    page.allowed = []


def sign_in(page, name, password):
    page.fill(username=name, password=password)
    page.press("Sign in" if page.language == "en" else "Se connecter", "form")


def fill_profile(page):
    page.fill(full_name="Grace B. Hopper")
    page.press("Enregistrer", "form")
    page.says("Grace B. Hopper")
    canvas = choose_picture(page)
    whole = drawn(page)
    ActionChains(page.driver).drag_and_drop_by_offset(canvas, 60, 0).perform()
    page.wait(lambda: drawn(page) != whole, "the picture does not follow the pointer")
    page.check("walk-crop")
    page.press("Enregistrer", "dialog")
    has_picture(page)
    page.check("walk-picture")


def choose_picture(page):
    """The window that crops, with a picture in it. Gives its canvas."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(picture())
        file.flush()
        page.driver.find_element(By.ID, "f-picture").send_keys(file.name)
        return page.find("dialog canvas")


def drawn(page):
    """What the canvas shows."""
    return page.driver.execute_script("return document.querySelector('dialog canvas').toDataURL()")


def has_picture(page, but=None):
    """Waits for a square picture on the profile, another one than `but`. Gives its address."""
    return page.wait(lambda: page.driver.execute_script(
        "const i = document.querySelector('img.avatar.large'); return i && i.complete && i.naturalWidth > 0"
        " && i.naturalWidth === i.naturalHeight && i.src !== arguments[0] && i.src", but), "no square picture")


def lose_password(page, link_of_mail):
    """Signs out, asks for a link, sets another password. `link_of_mail()` gives the mailed path."""
    page.press("Se déconnecter", "header")
    page.at("/sign-in")
    page.press("Mot de passe oublié ?")
    page.at("/forgot")
    page.fill(email="grace@example.com")
    page.press("Envoyer le lien")
    page.find(".notice.good")
    page.check("walk-forgot-sent")
    page.open(link_of_mail())
    page.fill(new_password1=SECOND, new_password2=SECOND)
    page.press("Enregistrer le mot de passe")
    page.says("Votre mot de passe est enregistré")
    page.check("walk-reset-done")
    page.press("Se connecter")
    page.at("/sign-in")
    page.allowed = [("auth/session/", 401)]
    sign_in(page, "grace", PASSWORD)
    page.find(".notice.bad")
    page.check("walk-old-password")
    sign_in(page, "grace", SECOND)
    page.at("/profile")
    page.check("walk-back")
    page.allowed = []


def whole(base, code, link_of_mail):
    """The walk from a device out of its box. Returns both windows, still signed in."""
    first, second = Browser(base), None
    try:
        claim(first, code)
        link = invite(first)
        second = Browser(base, "fr")
        accept(second, link)
        fill_profile(second)
        lose_password(second, link_of_mail)
    except BaseException:
        for window in filter(None, (first, second)):
            window.close()
        raise
    return first, second
