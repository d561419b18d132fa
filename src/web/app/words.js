/* Languages: which one, and its words. */
import en from "/assets/@en.js";
import fr from "/assets/@fr.js";

const ALL = {en, fr};
export const languages = {en: "English", fr: "Français"};

/* A choice made here, else what the browser is set to (it sends the same in Accept-Language). */
function choose() {
    const chosen = document.cookie.match(/(?:^|; )latchkey_lang=(\w+)/)?.[1];
    const wanted = [chosen, ...navigator.languages.map((tag) => tag.slice(0, 2))];
    return wanted.find((tag) => tag in ALL) ?? "en";
}

export let language = choose();

/* The cookie is for the pages that the server writes itself: a reset, a verified address. */
export function setLanguage(tag) {
    language = tag;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `latchkey_lang=${tag}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
    document.documentElement.lang = tag;
}

/** The words under a key, with {name} filled in. */
export function t(key, values = {}) {
    const words = ALL[language].words[key] ?? en.words[key] ?? key;
    return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** What the server says in English, in the language of the page. */
export function sentence(text) {
    for (const [pattern, words] of ALL[language].sentences) {
        if (pattern.test(text)) {
            return text.replace(pattern, words);
        }
    }
    return text;
}

export function date(text) {
    return new Intl.DateTimeFormat(language, {dateStyle: "medium", timeStyle: "short"}).format(new Date(text));
}

export function day(text) {
    return new Intl.DateTimeFormat(language, {dateStyle: "full"}).format(new Date(text));
}

export function clock(text) {
    return new Intl.DateTimeFormat(language, {timeStyle: "short"}).format(new Date(text));
}

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** "5 minutes ago", "in 7 days". */
export function ago(text) {
    const seconds = (new Date(text) - Date.now()) / 1000;
    const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    if (unit === "second") {
        return t("just_now");
    }
    return new Intl.RelativeTimeFormat(language, {numeric: "auto"}).format(Math.round(seconds / size), unit);
}
