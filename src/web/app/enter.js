/* The pages of those who are not signed in: claim, sign in, sign up, forgotten password. */
import {call, session, signIn} from "/assets/@api.js";
import {field, form, h, notice, toast} from "/assets/@dom.js";
import {t} from "/assets/@words.js";

const newPassword = (name = "password", label = t("password")) => field({
    name, label, type: "password", autocomplete: "new-password",
    hint: t("password_hint", {n: session.password_min_length}),
});
const username = (more = {}) => field({
    name: "username", label: t("username"), autocomplete: "username", autocapitalize: "none", spellcheck: "false",
    hint: t("username_hint"), ...more,
});
const email = () => field({name: "email", label: t("email"), type: "email", autocomplete: "email"});

/** Where a person comes in: a page asked for before, on this very server, or the start. */
function goOn(go) {
    const next = new URLSearchParams(location.search).get("next");
    const url = next && URL.canParse(next, location.origin) ? new URL(next, location.origin) : null;
    if (url && url.origin === location.origin && next.startsWith("/")) {
        url.hash = "";
        go(url); /* as a whole: its path alone may begin with two slashes, and lead elsewhere */
    } else {
        go("/");
    }
}

/* The code comes in the part of the address that is never sent, and does not stay in the history. */
function codeFromAddress() {
    const code = decodeURIComponent(location.hash.slice(1));
    if (code) {
        history.replaceState(history.state, "", location.pathname);
    }
    return code;
}

export function claim({go, brand, kept}) {
    if (!session.setup) {
        return {title: t("claim", {brand}), body: [
            notice(t("claim_over"), "plain"),
            h("a", {class: "button primary", href: "/sign-in"}, t("sign_in"))]};
    }
    kept.code = codeFromAddress() || kept.code || "";
    return {title: t("claim", {brand}), text: t("claim_text"), body: form({
        fields: [
            field({name: "code", label: t("claim_code"), hint: t("claim_code_hint"), value: kept.code,
                autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false"}),
            username(), email(), newPassword()],
        submit: t("claim_go"),
        send: async (values) => {
            await call("POST", "/auth/setup/", values);
            await signIn(values.username, values.password);
            toast(t("claim_welcome"));
            go("/accounts");
        },
    })};
}

export function enter({go, ended}) {
    return {title: t("sign_in"), body: [
        ended && notice(t("session_ended"), "plain"),
        form({
            fields: [
                field({name: "username", label: t("sign_in_name"), autocomplete: "username", autocapitalize: "none",
                    spellcheck: "false"}),
                field({name: "password", label: t("password"), type: "password", autocomplete: "current-password"})],
            submit: t("sign_in"),
            send: async (values) => {
                await signIn(values.username, values.password);
                goOn(go);
            },
            after: h("p", {class: "links"},
                h("a", {href: "/forgot"}, t("forgot")),
                session.signup === "open" && h("a", {href: "/sign-up"}, t("sign_up"))),
        })]};
}

export function signUp({go}) {
    const have = h("p", {class: "links"}, h("a", {href: "/sign-in"}, `${t("sign_up_have")} ${t("sign_in")}`));
    if (session.signup !== "open") {
        return {title: t("sign_up"), body: [notice(t("sign_up_closed"), "plain"), have]};
    }
    return {title: t("sign_up"), body: form({
        fields: [username(), email(), newPassword()],
        submit: t("sign_up"),
        send: async (values) => {
            await call("POST", "/auth/signup/", values);
            await signIn(values.username, values.password);
            if (session.mail) {
                toast(t("verify_sent"));
            }
            goOn(go);
        },
        after: have,
    })};
}

export function forgot() {
    const back = h("p", {class: "links"}, h("a", {href: "/sign-in"}, t("back")));
    if (!session.mail) {
        return {title: t("forgot_title"), body: [notice(t("forgot_off"), "plain"), back]};
    }
    const lead = h("p", {class: "lead"}, t("forgot_text"));
    return {title: t("forgot_title"), body: [lead, form({
        fields: [email()],
        submit: t("forgot_go"),
        send: async (values, element) => {
            await call("POST", "/auth/reset_password/", values);
            lead.remove();
            element.replaceWith(notice(t("forgot_done")), h("p", {class: "faint"}, t("forgot_help")), back);
        },
        after: back,
    })]};
}

