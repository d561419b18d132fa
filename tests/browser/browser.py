"""A person at a browser: Debian's Chromium, driven by Selenium. Everything waits for conditions; nothing sleeps."""
import base64
import json
import os
import pathlib
import re
import shutil
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]
AXE = ROOT / "build/sources/axe-core/axe.min.js"
SHOTS = pathlib.Path(os.environ.get("LATCHKEY_SHOTS", ROOT / "build/screenshots"))
PATIENCE = int(os.environ.get("LATCHKEY_PATIENCE", "120"))  # seconds: a board and a busy machine are slow
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--hide-scrollbars", "--force-prefers-reduced-motion",
]


class Browser:
    """One window with a profile of its own. `allowed` says which refusals a step provokes on purpose: parts of an address
    with a status, None where the network is gone."""

    def __init__(self, base, language="en"):
        self.base, self.language, self.allowed = base.rstrip("/"), language, []
        self.profile = tempfile.mkdtemp(prefix="latchkey-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in [*FLAGS, f"--user-data-dir={self.profile}", f"--lang={language}"]:
            options.add_argument(flag)
        options.set_capability("acceptInsecureCerts", True)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(PATIENCE)
        self.driver.set_script_timeout(PATIENCE)
        self.look()

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    # --- how it looks ---

    def look(self, width=1100, height=800, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def network(self, latency=0, offline=False):
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": offline, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1})

    def scripts(self, on):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def shot(self, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        (SHOTS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))

    # --- moving ---

    def open(self, path):
        self.driver.get(self.base + path)

    def wait(self, condition, what):
        """What `condition` gives once it gives something; pages that change under its hands are asked again."""
        def asked(_):
            try:
                return condition()
            except (StaleElementReferenceException, WebDriverException):
                return False
        try:
            return WebDriverWait(self.driver, PATIENCE, 0.05).until(asked)
        except Exception as error:
            self.shot("failure")
            raise AssertionError(f"{what}: at {self.path}, title {self.driver.title!r}, text {self.text!r}") from error

    def find(self, selector):
        return self.wait(lambda: next((e for e in self.driver.find_elements(By.CSS_SELECTOR, selector)
                                       if e.is_displayed()), None), f"no {selector}")

    def named(self, name, within=""):
        """The button or link that a screen reader calls so."""
        def found():
            for element in self.driver.find_elements(By.CSS_SELECTOR, f"{within} :is(button, a, summary)"):
                if element.is_displayed() and element.accessible_name == name:
                    return element
            return None
        return self.wait(found, f"nothing named {name!r}")

    def press(self, name, within=""):
        element = self.named(name, within)
        self.wait(lambda: element.click() is None, f"{name!r} cannot be pressed")

    def fill(self, **fields):
        for name, value in fields.items():
            element = self.find(f"dialog[open] [name={name}], body:not(:has(dialog[open])) [name={name}]")
            element.clear()
            element.send_keys(value)

    @property
    def path(self):
        return re.sub(r"^https?://[^/]+", "", self.driver.current_url)

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def at(self, path):
        """Waits until that page is there with all that it fetches."""
        self.wait(lambda: self.path.split("?")[0] == path, f"not at {path}")
        self.settled()

    def settled(self):
        self.wait(lambda: self.driver.execute_script(
            "return document.readyState === 'complete' && document.querySelector('h1') !== null"
            " && !document.querySelector('.bone, [aria-busy=true]')"), "the page does not settle")

    def says(self, words):
        self.wait(lambda: words in self.text, f"it does not say {words!r}")

    # --- what must hold of every page ---

    def check(self, name):
        """Nothing serious for somebody with a disability, nothing wider than the window; a picture is kept."""
        self.settled()
        self.shot(name)
        if not self.driver.execute_script("return 'axe' in window"):
            # As a debugger would: the page's own policy lets no such script in.
            self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
            ".then((result) => done(result.violations), (error) => done([{id: String(error), impact: 'serious'}]))")
        bad = [{"rule": v["id"], "nodes": [n["html"] for n in v.get("nodes", [])]} for v in found
               if v["impact"] in ("serious", "critical")]
        assert not bad, f"{name}: {json.dumps(bad, indent=1)}"
        wide = self.driver.execute_script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{name}: {wide[0]} pixels of content in {wide[1]}"
        self.quiet(name)

    def quiet(self, name):
        """No script error, no broken policy, nothing from elsewhere, no refusal but those provoked."""
        for entry in self.driver.get_log("browser"):
            if entry["level"] not in ("SEVERE", "WARNING"):
                continue
            provoked = re.search(r"/(\S*) - Failed to load resource: (?:.* status of (\d+)|net::ERR_INTERNET_DISCONNECTED)",
                                 entry["message"])
            if provoked and any(re.search(pattern, provoked[1]) and status == (provoked[2] and int(provoked[2]))
                                for pattern, status in self.allowed):
                continue
            raise AssertionError(f"{name}: {entry}")
        names = self.driver.execute_script("return performance.getEntriesByType('resource').map((e) => e.name)")
        elsewhere = [n for n in names if not n.startswith((self.base, "blob:", "data:"))]
        assert not elsewhere, f"{name}: {elsewhere}"

    def type(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def tab_to(self, selector, most=40):
        """Moves by keyboard alone."""
        for _ in range(most):
            if self.driver.execute_script("return document.activeElement.matches(arguments[0])", selector):
                return
            self.type(Keys.TAB)
        raise AssertionError(f"{selector} is not reached with the Tab key")
