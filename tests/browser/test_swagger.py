"""Swagger UI at /auth/doc/: it loads under its policy, "Authorize" works with either scheme, and examples run as they
stand, with what an answer brought filled in."""
import pytest

import lk
from browser import Browser


@pytest.fixture(scope="module")
def server():
    running = lk.Server(access_lifetime="1h")  # the machine may be slow
    yield running
    running.close()


@pytest.fixture(scope="module")
def ada(server):
    client = lk.Client(server, lk.Spec())
    client.post("/auth/signup/", expect=201, json={
        "username": "ada", "email": "ada@example.com", "password": "correct horse battery"})
    return client.login("ada", "correct horse battery")


@pytest.fixture(scope="module")
def page(server):
    """One window for all: it takes long to load."""
    window = Browser(server.url)
    window.open("/auth/doc/")
    window.find(".opblock")
    yield window
    window.close()


def execute(page, operation):
    """Opens the operation, runs its example, and gives status and body."""
    block = f"[id$='-{operation}']"
    if not page.driver.find_elements("css selector", f"{block}.is-open"):
        page.find(f"{block} .opblock-summary-control").click()
    for clear in page.driver.find_elements("css selector", f"{block} .btn-clear"):
        clear.click()
    page.wait(lambda: page.find(f"{block} .execute").click() is None, "it cannot be executed")
    status = page.find(f"{block} .live-responses-table tr.response .response-col_status").text
    body = page.find(f"{block} .live-responses-table tr.response .response-col_description").text
    return status.split()[0], body


def test_examples_run_one_after_the_other(page, ada):
    status, body = execute(page, "login")
    assert status == "200" and '"access"' in body
    status, body = execute(page, "refreshToken")  # its example is {refresh}
    assert status == "200" and '"access"' in body
    assert execute(page, "verifyToken")[0] == "200"
    page.allowed = [("auth/me", 401)]
    assert execute(page, "me")[0] == "401"  # nobody is authorised yet
    page.shot("swagger")
    page.quiet("swagger")


@pytest.mark.parametrize("scheme, prefix", [("bearer", ""), ("jwt", "JWT ")])
def test_authorize(page, ada, scheme, prefix):
    page.find(".auth-wrapper > .authorize").click()

    def form():
        for one in page.driver.find_elements("css selector", ".auth-container"):
            if one.find_element("css selector", "h4 code").text == scheme:
                return one
        return None
    one = page.wait(form, f"no form for {scheme}")
    one.find_element("css selector", "input").send_keys(prefix + ada.access)
    one.find_element("css selector", "button.authorize").click()
    page.find(".auth-container button.btn-done").click()
    status, body = execute(page, "me")
    assert status == "200" and '"username": "ada"' in body
    page.quiet(scheme)
    page.find(".auth-wrapper > .authorize").click()
    next(b for b in page.driver.find_elements("css selector", ".auth-container button") if b.text == "Logout").click()
    page.find(".auth-container button.btn-done").click()
    page.allowed = [("auth/me", 401)]
    assert execute(page, "me")[0] == "401"
    page.quiet(f"{scheme} no more")
