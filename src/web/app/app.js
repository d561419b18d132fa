/* The frame of the pages: which one is shown, and what stands around it. */
import {load, session, signOut} from "/assets/@api.js";
import {accounts, audit} from "/assets/@admin.js";
import {avatar, button, busy, empty, fill, h, icon, toast, trouble} from "/assets/@dom.js";
import {claim, enter, forgot, signUp} from "/assets/@enter.js";
import {password, profile, sessions} from "/assets/@own.js";
import {language, languages, setLanguage, t} from "/assets/@words.js";

const brand = document.querySelector("meta[name=application-name]").content;
const main = document.getElementById("main");
const header = document.getElementById("header");
const footer = document.getElementById("footer");
const kept = {}; /* what a page keeps while another language is chosen */
let ended = false;
let current = null; /* path that is shown */

/* Who sees a page: out (nobody signed in), own, admin. */
const PAGES = {
    "/claim": {who: "any", show: claim},
    "/sign-in": {who: "out", show: enter},
    "/sign-up": {who: "out", show: signUp},
    "/forgot": {who: "out", show: forgot},
    "/profile": {who: "own", show: profile, name: "profile", icon: "person"},
    "/password": {who: "own", show: password, name: "password", icon: "lock"},
    "/sessions": {who: "own", show: sessions, name: "sessions", icon: "computer"},
    "/accounts": {who: "admin", show: accounts, name: "accounts", icon: "people"},
    "/audit": {who: "admin", show: audit, name: "audit", icon: "list"},
};

const notFound = () => ({title: t("not_found"), body: [
    h("p", {class: "faint"}, t("not_found_text")),
    h("a", {class: "button primary", href: "/"}, t("not_found_go"))]});

/* The page that an address leads to; another address where it is not for this person now. */
function settle(path) {
    const page = PAGES[path];
    if (path === "/") {
        return session.setup ? "/claim" : session.account ? "/profile" : "/sign-in";
    }
    if (page && page.who === "out" && session.account) {
        return "/profile";
    }
    if (page && page.who !== "out" && page.who !== "any" && !session.account) {
        return `/sign-in?next=${encodeURIComponent(path)}`;
    }
    return path;
}

const clean = (path) => path.length > 1 ? path.replace(/\/$/, "") : path;

/** Goes to a path of ours (with a query, perhaps); focus goes to its heading. */
function go(target) {
    const wanted = new URL(target, location.origin);
    if (!(clean(wanted.pathname) in PAGES) && wanted.pathname !== "/") {
        location.assign(wanted);
        return;
    }
    history.pushState(null, "", wanted);
    show();
    main.querySelector("h1").focus();
    scrollTo(0, 0);
}

function show() {
    const path = clean(location.pathname);
    const settled = settle(path);
    if (settled !== path) {
        history.replaceState(null, "", settled + location.hash);
        return show();
    }
    current = path;
    document.querySelector("dialog")?.close();
    const page = PAGES[path];
    const own = session.account !== null && page?.who !== "any";
    const allowed = page?.who !== "admin" || session.account.roles.includes("admin");
    const view = !page ? notFound() : !allowed ? {title: t(page.name), body: empty("lock", t("off_limits"))}
        : page.show({go, brand, kept, ended, refresh: show});
    ended = false;
    document.title = `${view.title} · ${brand}`;
    document.body.className = own ? "inside" : "outside";
    frame(own, path);
    fill(main, h("div", {class: own ? (view.narrow ? "sheet narrow" : "sheet") : "card door"},
        h("h1", {tabindex: "-1"}, view.title), view.text && h("p", {class: "lead"}, view.text), view.body));
    return undefined;
}

/* --- around the page --- */

function frame(own, path) {
    document.getElementById("skip").textContent = t("skip");
    fill(header, h("a", {class: "brand", href: "/"}, mark.cloneNode(true), h("span", {}, brand)), own && [
        h("nav", {"aria-label": brand}, Object.entries(PAGES).filter(([, page]) => page.name && mayEnter(page)).map(
            ([target, page]) => h("a", {href: target, "aria-current": target === path ? "page" : null},
                icon(page.icon), t(page.name)))),
        person()]);
    header.querySelector("[aria-current]")?.scrollIntoView({block: "nearest", inline: "center"});
    fill(footer, Object.entries(languages).map(([tag, name]) => h("button", {
        type: "button", class: "ghost", lang: tag, "aria-pressed": String(tag === language),
        onclick: () => speak(tag),
    }, name)));
}

const mayEnter = (page) => page.who === "own" || session.account.roles.includes("admin");

function person() {
    const leave = button(h("span", {}, t("sign_out")), {class: "small", onclick: async () => {
        try {
            await busy(leave, signOut());
            go("/sign-in");
        } catch (error) {
            toast(error.text);
        }
    }}, icon("leave"));
    return h("div", {class: "person"}, avatar(session.account), leave);
}

/* Another language: the same page, with what was typed so far. */
function speak(tag) {
    const typed = [...main.querySelectorAll("input[id]:not([type=file])")].map((input) => [input.id, input.value, input.checked]);
    setLanguage(tag);
    show();
    for (const [id, value, checked] of typed) {
        const input = document.getElementById(id);
        if (input) {
            input.value = value;
            input.checked = checked;
        }
    }
    footer.querySelector(`[lang=${tag}]`).focus();
}

document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='/']");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link && plain) {
        event.preventDefault();
        toast(null);
        go(link.getAttribute("href"));
    }
});
addEventListener("popstate", () => current !== null && show());
addEventListener("hashchange", () => current === "/claim" && show());
addEventListener("session-ended", () => {
    ended = true;
    show();
});

async function start() {
    document.documentElement.lang = language;
    try {
        await load();
        show();
    } catch (error) {
        frame(false, "");
        fill(main, h("div", {class: "card door"}, h("h1", {tabindex: "-1"}, brand), trouble(error.text, start)));
    }
}

const mark = document.getElementById("mark");
mark.removeAttribute("id");
start();

