/* Elements and the pieces that pages are made of. Text only ever becomes text: nothing here parses markup. */
import {t} from "/assets/@words.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes, `on…` listeners, then children (nodes, strings; null and false are left out). */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) {
            element.addEventListener(name.slice(2), value);
        } else if (name === "value" || name === "checked" || name === "indeterminate") {
            element[name] = value;
        } else if (value === true) {
            element.setAttribute(name, "");
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(name, value);
        }
    }
    add(element, children);
    return element;
}

export function add(element, children) {
    for (const child of [children].flat(9)) {
        if (child !== null && child !== undefined && child !== false) {
            element.append(child);
        }
    }
}

export function fill(element, ...children) {
    element.replaceChildren();
    add(element, children);
}

/* Strokes on a grid of 24. */
const ICONS = {
    alert: "M12 8v5m0 3v.01M12 3l9.5 17h-19z",
    check: "M5 12.5l4.5 4.5L19 7.5",
    close: "M6 6l12 12M18 6L6 18",
    computer: "M4 5h16v11H4zM9 20h6m-3-4v4",
    eye: "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zm10-3a3 3 0 100 6 3 3 0 000-6z",
    hidden: "M4 4l16 16M9.5 5.8A10 10 0 0112 5.5c6.4 0 10 6.5 10 6.5a17 17 0 01-2.9 3.6M6 7.6A16 16 0 002 12s3.6 6.5 10 6.5a10 10 0 004.4-1M9.9 10a3 3 0 004.2 4.2",
    leave: "M14 5H5v14h9M10 12h11m-3.5-3.5L21 12l-3.5 3.5",
    list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
    lock: "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 017 0V11",
    more: "M9 6l6 6-6 6",
    people: "M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20a6.5 6.5 0 0113 0M16 4.8a3.5 3.5 0 010 6.4M18 14.3a6.5 6.5 0 013.5 5.7",
    person: "M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20.5a7.5 7.5 0 0115 0",
    phone: "M8 3h8v18H8zM11 18h2",
    plus: "M12 5v14M5 12h14",
    search: "M10.5 17a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM20 20l-4.8-4.8",
    terminal: "M4 5h16v14H4zM8 9.5l3 2.5-3 2.5m5 .5h3",
};

/** A drawing beside words that say the same. */
export function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
}

/* --- small pieces --- */

export function avatar(account, size = "") {
    const name = account.full_name || account.username;
    return account.picture
        ? h("img", {class: `avatar ${size}`, src: account.picture, alt: ""})
        : h("span", {class: `avatar ${size}`, "aria-hidden": "true"}, [...name][0].toUpperCase());
}

export function badge(text, kind = "") {
    return h("span", {class: `badge ${kind}`}, text);
}

/** What is shown in the place of a list that is empty. */
export function empty(name, title, text) {
    return h("div", {class: "empty"}, icon(name), h("p", {class: "strong"}, title), text && h("p", {class: "faint"}, text));
}

/** Grey rows while a list is under way. */
export function skeleton(rows = 3) {
    const row = () => h("div", {class: "row bone"}, h("span", {class: "avatar"}), h("span", {class: "bar"}));
    return h("div", {class: "rows", role: "status", "aria-label": t("loading")}, Array.from({length: rows}, row));
}

/** A box with what went wrong; `again` adds a button. */
export function trouble(text, again) {
    return h("div", {class: "notice bad", role: "alert"}, icon("alert"), h("p", {}, text),
        again && h("button", {type: "button", class: "small", onclick: again}, t("retry")));
}

export function notice(text, kind = "good") {
    return h("div", {class: `notice ${kind}`, role: "status"}, icon(kind === "good" ? "check" : "alert"), h("p", {}, text));
}

let toastTimer;

/** One sentence at the edge of the screen, which is read aloud and goes by itself; null takes it away. */
export function toast(text) {
    const place = document.getElementById("toast");
    fill(place, text && h("p", {}, icon("check"), text));
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => fill(place), 6000);
}

export function button(text, attributes = {}, ...more) {
    return h("button", {type: "button", ...attributes}, ...more, text);
}

/** Shows that `element` works at something until the promise has ended. */
export async function busy(element, promise) {
    element.setAttribute("aria-busy", "true");
    element.disabled = true;
    try {
        return await promise;
    } finally {
        element.removeAttribute("aria-busy");
        element.disabled = false;
    }
}

/* --- forms --- */

/** A labelled input. Attributes: name, label, type, hint and those of the element; a password can be looked at. */
export function field({name, label, hint, type = "text", ...attributes}) {
    const id = `f-${name}`;
    const input = h("input", {id, name, type, "aria-describedby": `${hint ? `${id}-hint ` : ""}${id}-error`, ...attributes});
    return h("div", {class: "field"},
        h("label", {for: id}, label),
        type === "password" ? h("div", {class: "with-eye"}, input, eye(input)) : input,
        hint && h("p", {class: "hint", id: `${id}-hint`}, hint),
        h("p", {class: "error", id: `${id}-error`}));
}

function eye(input) {
    const look = button("", {
        class: "eye", "aria-label": t("show_password"), "aria-pressed": "false",
        onclick: () => {
            const shown = input.type === "password";
            input.type = shown ? "text" : "password";
            look.setAttribute("aria-pressed", String(shown));
            fill(look, icon(shown ? "hidden" : "eye"));
        },
    }, icon("eye"));
    return look;
}

export function checkbox({name, label, hint, checked = false}) {
    const id = `f-${name}`;
    return h("div", {class: "field check"},
        h("input", {id, name, type: "checkbox", checked, "aria-describedby": `${id}-error`}),
        h("label", {for: id}, label, hint && h("span", {class: "hint"}, hint)),
        h("p", {class: "error", id: `${id}-error`}));
}

/**
 * A form that sends itself by `send(values, form)`. What send throws is shown: beside the fields that it names, the
 * rest above them. `fields` are elements; the button stands below them.
 */
export function form({fields, submit, send, after}) {
    const box = h("div", {class: "form-error"});
    const go = h("button", {type: "submit", class: "primary"}, submit);
    const element = h("form", {novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        run();
    }}, box, fields, go, after);
    async function run() {
        clearErrors(element, box);
        if (go.disabled) {
            return;
        }
        try {
            await busy(go, send(valuesOf(element), element));
        } catch (error) {
            showErrors(element, box, error);
        }
    }
    return element;
}

function valuesOf(element) {
    const values = {};
    for (const input of element.querySelectorAll("input[name]")) {
        values[input.name] = input.type === "checkbox" ? input.checked : input.value;
    }
    return values;
}

function clearErrors(element, box) {
    fill(box);
    for (const input of element.querySelectorAll("[aria-invalid]")) {
        input.removeAttribute("aria-invalid");
    }
    for (const text of element.querySelectorAll(".error")) {
        fill(text);
    }
}

export function showErrors(element, box, error) {
    const left = [];
    let first = null;
    for (const [name, sentences] of Object.entries(error.fields ?? {})) {
        const input = element.querySelector(`[name="${CSS.escape(name)}"]`);
        const place = document.getElementById(`f-${name}-error`);
        if (input && place) {
            input.setAttribute("aria-invalid", "true");
            fill(place, sentences.join(" "));
            first ??= input;
        } else {
            left.push(...sentences);
        }
    }
    if (error.text) {
        left.push(error.text);
    }
    if (left.length > 0) {
        fill(box, trouble(left.join(" ")));
    } else if (first) {
        fill(box, h("p", {class: "sr", role: "alert"}, t("look_at_fields")));
    }
    first?.focus();
}

/* --- dialogs --- */

/** A modal window; `build(close)` gives its content. Resolves with what close was given, or undefined. */
export function dialog(title, build) {
    return new Promise((resolve) => {
        let result;
        const close = (value) => {
            result = value;
            window_.close();
        };
        const heading = h("h2", {id: "dialog-title", tabindex: "-1"}, title);
        const window_ = h("dialog", {"aria-labelledby": "dialog-title", onclose: () => {
            window_.remove();
            resolve(result);
        }}, h("div", {class: "dialog-head"}, heading,
            button("", {class: "ghost", "aria-label": t("close"), onclick: () => close()}, icon("close"))));
        add(window_, build(close));
        document.body.append(window_);
        window_.showModal();
        (window_.querySelector("input:not([type=checkbox]):not([type=file])") ?? heading).focus();
    });
}

/** Asks before something that cannot be taken back. Resolves with true or undefined. */
export function sure(title, text, yes) {
    return dialog(title, (close) => [
        h("p", {}, text),
        h("div", {class: "actions"},
            button(t("cancel"), {onclick: () => close()}),
            button(yes, {class: "danger", onclick: () => close(true)})),
    ]);
}
