/* Talks to the server. The cookie is the browser's affair; the second value comes from GET /auth/session/. */
import {sentence, t} from "/assets/@words.js";

/** What the server said of this browser: account or null, signup, setup, mail, password_min_length. */
export const session = {account: null};

let csrf = null;

/** A refusal: `fields` by name, or one `text`; `status` 0 where the server was not reached. */
export class Refusal extends Error {
    constructor(status, {fields = null, text = "", code = ""} = {}) {
        super(text || `status ${status}`);
        this.status = status;
        this.fields = fields;
        this.text = text;
        this.code = code;
    }
}

export async function load() {
    take(await call("GET", "/auth/session/"));
}

export async function signIn(username, password) {
    take(await call("POST", "/auth/session/", {username, password}));
}

export async function signOut() {
    try {
        await call("DELETE", "/auth/session/");
    } finally {
        await load();
    }
}

function take(body) {
    csrf = body.csrf_token;
    Object.assign(session, body);
}

/** One request; `body` is an object or a FormData. Returns the answer's JSON, or null. */
export async function call(method, path, body) {
    const headers = {Accept: "application/json"};
    if (csrf) {
        headers["X-CSRF-Token"] = csrf;
    }
    if (body && !(body instanceof FormData)) {
        headers["Content-Type"] = "application/json";
        body = JSON.stringify(body);
    }
    let answer;
    let value = null;
    try {
        answer = await fetch(path, {method, headers, body, credentials: "same-origin", cache: "no-store"});
        value = (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? await answer.json() : null;
    } catch {
        throw new Refusal(0, {text: t("offline")});
    }
    if (!answer.ok) {
        refuse(answer, value ?? {});
    }
    return value;
}

function refuse(answer, value) {
    if (answer.status === 401 && csrf) {
        csrf = null;
        session.account = null;
        dispatchEvent(new Event("session-ended"));
        throw new Refusal(401, {text: t("session_ended")});
    }
    if (answer.status === 429) {
        const seconds = Number(answer.headers.get("Retry-After") ?? 1);
        throw new Refusal(429, {text: t(seconds < 120 ? "wait_seconds" : "wait_minutes",
            {n: seconds < 120 ? seconds : Math.ceil(seconds / 60)})});
    }
    if (typeof value.detail === "string") {
        throw new Refusal(answer.status, {text: sentence(value.detail)});
    }
    if (answer.status === 400) {
        const fields = {};
        for (const [name, sentences] of Object.entries(value)) {
            fields[name] = sentences.map(sentence);
        }
        throw new Refusal(400, {fields});
    }
    throw new Refusal(answer.status, {text: t("server_error")});
}
