"""The pages themselves: what is served, how it may be kept, and in which language and colours."""
import re
import subprocess

import pytest

import lk

PAGES = ["/", "/claim", "/sign-in", "/sign-up", "/forgot", "/profile", "/password", "/sessions", "/accounts", "/audit"]
HTML = {"Accept": "text/html,*/*;q=0.5"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'


def loaded(client, text, seen):
    """Everything that a page loads, with what that loads in turn."""
    for address in re.findall(r'["(](/assets/[^")]+)[")]', text):
        if address not in seen:
            answer = client.get(address, expect=200)
            seen[address] = answer
            loaded(client, answer.text, seen)
    return seen


@pytest.mark.parametrize("path", PAGES)
def test_a_page(client, path):
    page = client.get(path, headers=HTML, expect=200)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "<style" not in page.text and " style=" not in page.text and " on" not in re.sub(r">[^<]*<", "><", page.text)
    assert re.findall(r"<script(?! type=\"module\" src=\"/assets/)", page.text) == []
    assert page.headers["Cache-Control"] == "no-cache" and "Accept-Language" in page.headers["Vary"]


def test_what_the_pages_load(client):
    """All of it in less than 40 KB, compressed, under addresses that are good for ever."""
    page = client.get("/", headers=HTML)
    files = loaded(client, page.text, {})
    assert sum(".js" in address for address in files) >= 5
    sizes = 0
    for address, answer in files.items():
        assert re.search(r"\?v=[0-9a-f]{16}$", address), address
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        sizes += int(answer.headers["Content-Length"])
        packed = not address.startswith("/assets/logo.svg")
        assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
        assert ("Accept-Encoding" in answer.headers["Vary"]) == packed
        for older in ("", "?v=0123456789abcdef", "?v="):
            bare = client.get(address.split("?")[0] + older, expect=200)
            assert bare.headers["Cache-Control"] == "no-cache" and bare.headers["ETag"] == answer.headers["ETag"]
    assert sizes < 40000


def test_without_gzip(client, server):
    for accept in ("gzip;q=0, *", "identity", ""):
        answer = client.session.get(server.url + "/assets/app.js", headers={"Accept-Encoding": accept})
        assert answer.status_code == 406 and "gzip" in answer.json()["detail"]
    client.get("/assets/app.js", headers={"Accept-Encoding": "br, *;q=0.1"}, expect=200)
    client.get("/assets/logo.svg", headers={"Accept-Encoding": "identity"}, expect=200)


def test_not_found(client, server):
    """A person gets a page, a program what it always got."""
    assert client.get("/nowhere", expect=404).json() == {"detail": "Not found."}
    answer = client.session.get(server.url + "/nowhere", headers=HTML)
    assert answer.status_code == 404 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "/nowhere" not in answer.text


def test_languages(client):
    path = "/auth/verify-email/abc/def/"
    for headers, query, title in (
        ({"Accept-Language": "fr"}, "", "Ce lien n’est pas valable"),
        ({"Accept-Language": "de, fr-CA;q=0.5, en;q=0.3"}, "", "Ce lien n’est pas valable"),
        ({"Accept-Language": "en-GB, fr;q=0.9"}, "", "This link is not valid"),
        ({"Accept-Language": "de"}, "", "This link is not valid"),
        ({}, "", "This link is not valid"),
        ({"Accept-Language": "en"}, "?lang=fr", "Ce lien n’est pas valable"),
        ({"Accept-Language": "fr"}, "?lang=en", "This link is not valid"),
        ({"Accept-Language": "en", "Cookie": "latchkey_lang=fr"}, "", "Ce lien n’est pas valable"),
        ({"Accept-Language": "fr", "Cookie": "latchkey_lang=xx"}, "", "Ce lien n’est pas valable"),
    ):
        page = client.get(path + query, headers={**HTML, **headers}, expect=400)
        assert f"<h1>{title}</h1>" in page.text, headers
        assert ('<html lang="fr">' in page.text) == title.startswith("Ce")


def test_brand(spec):
    name = 'Söhne & "Co" <b>'
    server = lk.Server(brand_name=name, brand_color="#ffe100")
    try:
        client = lk.Client(server, spec)
        page = client.get("/", headers=HTML)
        assert "Söhne &amp; &quot;Co&quot; &lt;b&gt;" in page.text and "<b>" not in page.text
        css = client.get("/assets/brand.css", expect=200).text
        light, dark = re.findall(r"--accent:#(\w{6});--on-accent:#(\w{6})", css)
        assert contrast(light[0], "f5f6f8") >= 4.5 and contrast(*light) >= 4.5
        assert dark[0] == "ffe100" and contrast(dark[0], "181d25") >= 4.5 and contrast(*dark) >= 4.5
        assert all("?v=" in address for address in re.findall(r"/assets/brand[^\"]+", page.text))
    finally:
        server.close()


def test_brand_logo(spec, tmp_path):
    (tmp_path / "logo.svg").write_text(SVG)
    server = lk.Server(brand_logo=tmp_path / "logo.svg")
    try:
        client = lk.Client(server, spec)
        page = client.get("/", headers=HTML)
        logo = client.get(re.search(r"/assets/brand-logo\?v=\w+", page.text)[0], expect=200)
        assert logo.text == SVG and "sandbox" in logo.headers["Content-Security-Policy"]
    finally:
        server.close()


def contrast(a, b):
    """WCAG 2.1's, with sRGB's own curve."""
    def luminance(rgb):
        share = [int(rgb[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in share)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    x, y = sorted((luminance(a), luminance(b)))
    return (y + 0.05) / (x + 0.05)


def test_no_brand(client):
    client.get("/assets/brand.css", expect=404)
    client.get("/assets/brand-logo", expect=404)


@pytest.mark.parametrize("setting,reason", [
    ("brand_color=red", "a colour: # and six hexadecimal digits"), ("brand_color=#12345", "a colour"),
    ("brand_name=", "1 to 64 bytes"), ("brand_name=" + "x" * 65, "1 to 64 bytes"),
    ("brand_logo=/nonexistent.svg", "/nonexistent.svg"), ("brand_logo={script}", "without scripts"),
    ("brand_logo={text}", "takes a PNG"), ("brand_logo={big}", "big.svg"),
])
def test_a_bad_brand_is_an_error_at_the_start(tmp_path, setting, reason):
    files = {"script": "<svg><script>alert(1)</script></svg>", "text": "hello", "big": SVG + " " * 70000}
    for name, content in files.items():
        (tmp_path / f"{name}.svg").write_text(content)
    setting = setting.format(**{name: tmp_path / f"{name}.svg" for name in files})
    done = subprocess.run([*lk.WRAPPER, lk.BINARY, f"data_dir={tmp_path}/data", "listen=https://127.0.0.1:0", setting],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode != 0 and reason in done.stderr, done.stderr
