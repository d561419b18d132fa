/* The administrator's pages: accounts and audit. */
import {call, session} from "/assets/@api.js";
import {avatar, badge, busy, button, checkbox, dialog, empty, field, fill, form, h, icon, skeleton, sure, toast, trouble} from "/assets/@dom.js";
import {ago, clock, date, day, t} from "/assets/@words.js";

const nameOf = (account) => account.full_name || account.username;
const isAdmin = (account) => account.roles.includes("admin");

/* --- accounts --- */

const PAGE = 25; /* rows that one click brings */

export function accounts() {
    const list = h("ul", {class: "rows"});
    const below = h("div", {class: "after"});
    let turn = 0; /* of the newest search: answers to former ones are dropped */
    let text = "";

    /* A page of the server's may hold few rows, or none, although more follow. */
    const more = async (cursor) => {
        const mine = turn;
        const shown = list.childElementCount;
        try {
            do {
                const query = new URLSearchParams({search: text, limit: String(PAGE), ...(cursor && {cursor})});
                const page = await call("GET", `/auth/accounts/?${query}`);
                if (mine !== turn) {
                    return;
                }
                list.append(...page.accounts.map(row));
                cursor = page.next;
            } while (cursor && list.childElementCount - shown < PAGE);
            end(cursor);
        } catch (error) {
            if (mine === turn) {
                fill(below, trouble(error.text, () => more(cursor)));
            }
        }
    };
    const end = (cursor) => {
        if (cursor) {
            const go = button(t("more"), {onclick: () => busy(go, more(cursor))});
            fill(below, go);
        } else {
            fill(below, list.childElementCount === 0 && empty("people", t("accounts_none"), t("accounts_none_text")));
        }
    };
    const search = () => {
        turn++;
        list.replaceChildren();
        fill(below, skeleton());
        return more(null);
    };
    const row = (account) => {
        const name = nameOf(account);
        const open = h("button", {type: "button", class: "row link", "aria-label": t("manage", {name}),
            onclick: () => manage(account, search)},
            avatar(account),
            h("span", {class: "grow"},
                h("span", {class: "strong"}, name),
                h("span", {class: "faint"}, account.email)),
            h("span", {class: "badges"},
                account.id === session.account.id && badge(t("you"), "good"),
                isAdmin(account) && badge(t("admin"), "accent"),
                !account.is_active && badge(t("disabled"), "bad"),
                account.is_active && !account.has_password && badge(t("invited"), "warn")),
            icon("more"));
        return h("li", {}, open);
    };
    let timer;
    const box = h("input", {type: "search", id: "f-search", placeholder: t("search"), "aria-label": t("search"),
        autocomplete: "off", oninput: () => {
            clearTimeout(timer);
            timer = setTimeout(() => {
                text = box.value.trim();
                search();
            }, 250);
        }});
    search();
    return {title: t("accounts"), body: [
        h("div", {class: "tools"},
            h("div", {class: "search grow"}, icon("search"), box),
            session.signup !== "closed" && button(t("invite"), {class: "primary", onclick: () => invite(search)}, icon("plus"))),
        list, below]};
}

async function invite(done) {
    const made = await dialog(t("invite"), (close) => [
        h("p", {class: "faint"}, t("invite_text")),
        form({
            fields: [
                field({name: "email", label: t("email"), type: "email", autocomplete: "off"}),
                field({name: "full_name", label: `${t("full_name")} (${t("optional")})`, autocomplete: "off"}),
                field({name: "username", label: `${t("username")} (${t("optional")})`, hint: t("username_optional"),
                    autocomplete: "off", autocapitalize: "none", spellcheck: "false"}),
                session.mail && checkbox({name: "mail", label: t("invite_mail"), hint: t("invite_mail_hint")}),
                checkbox({name: "admin", label: t("admin"), hint: t("admin_hint")})],
            submit: t("invite_go"),
            send: async (values) => {
                const body = {email: values.email, mail: values.mail ?? false};
                for (const name of ["full_name", "username"]) {
                    if (values[name].trim()) {
                        body[name] = values[name];
                    }
                }
                body.roles = values.admin ? ["user", "admin"] : ["user"];
                close(await call("POST", "/auth/accounts/", body));
            },
        })]);
    if (made) {
        done();
        await handed(made.account, made.link);
    }
}

/* A link that somebody is to have: in the mail, or here to be copied. */
async function handed(account, link) {
    if (!link.url) {
        toast(t("email_sent_to", {email: account.email}));
        return;
    }
    const name = nameOf(account);
    const url = new URL(link.url);
    if (url.hostname === "localhost") { /* nobody told the device its name: this browser knows one that works */
        url.protocol = location.protocol;
        url.host = location.host;
    }
    await dialog(t("handed", {name}), (close) => {
        const text = h("input", {id: "f-link", readonly: true, value: url.href, "aria-label": t("handed", {name}),
            onfocus: () => text.select()});
        const copy = button(t("copy"), {class: "primary", onclick: async () => {
            text.select();
            try {
                await navigator.clipboard.writeText(url.href);
                toast(t("copied"));
                fill(copy, t("copied"));
            } catch {
                text.focus(); /* selected: the person copies it */
            }
        }});
        return [h("p", {}, t("handed_text", {name, when: ago(link.expires)})), text,
            h("div", {class: "actions"}, button(t("close"), {onclick: () => close()}), copy)];
    });
}

async function manage(account, done) {
    const name = nameOf(account);
    const path = `/auth/accounts/${account.id}/`;
    await dialog(name, (close) => {
        const problem = h("div");
        const act = (element, work) => async () => {
            fill(problem);
            try {
                await busy(element(), work());
                done();
                close();
            } catch (error) {
                fill(problem, trouble(Object.values(error.fields ?? {}).flat().join(" ") || error.text));
            }
        };
        const action = (text, work, kind = "") => {
            const element = button(text, {class: kind, onclick: () => act(() => element, work)()});
            return element;
        };
        const patch = (body, said) => async () => {
            await call("PATCH", path, body);
            if (said) {
                toast(said);
            }
        };
        const link = (mail) => async () => {
            const made = await call("POST", `${path}link/`, {mail});
            queueMicrotask(() => handed(account, made));
        };
        const asked = (title, text, work, kind) => {
            const element = button(title, {class: kind, onclick: async () => {
                if (await sure(title, text, title)) {
                    await act(() => element, work)();
                }
            }});
            return element;
        };
        const roles = isAdmin(account) ? ["user"] : ["user", "admin"];
        const toggle = checkbox({name: "role", label: t("admin"), hint: t("admin_hint"), checked: isAdmin(account)});
        toggle.querySelector("input").addEventListener("change", (event) => act(() => event.target,
            patch({roles}, t(isAdmin(account) ? "role_taken" : "role_given", {name})))().then(() => {
            event.target.checked = isAdmin(account);
        }));
        return [
            h("dl", {class: "facts"},
                h("dt", {}, t("username")), h("dd", {}, account.username),
                h("dt", {}, t("email")), h("dd", {}, account.email, " ",
                    account.email_verified ? badge(t("verified"), "good") : badge(t("not_verified"), "warn"))),
            h("p", {class: "faint"}, t("created", {date: date(account.created)}), h("br"),
                account.last_login ? t("last_login", {when: ago(account.last_login)}) : t("never_in")),
            problem, toggle,
            h("div", {class: "stack"},
                account.is_active && action(t("hand_link"), link(false)),
                account.is_active && session.mail && action(t("hand_mail"), link(true)),
                account.is_active
                    ? asked(t("disable"), t("disable_text", {name}), patch({is_active: false}))
                    : action(t("enable"), patch({is_active: true})),
                asked(t("delete"), t("delete_text", {name}), async () => {
                    await call("DELETE", path);
                    toast(t("deleted"));
                }, "danger"))];
    });
}

/* --- audit --- */

const WARNINGS = new Set(["login_failed", "locked", "session_reused"]);

export function audit() {
    const place = h("div", {class: "log"});
    const below = h("div", {class: "after"}, skeleton(5));
    let last = "";
    const row = (record) => {
        const parts = [record.actor && t("audit_by", {name: record.actor}),
            record.address && t("audit_from", {address: record.address})].filter(Boolean);
        return h("li", {class: "row"},
            h("time", {datetime: record.time}, clock(record.time)),
            h("div", {class: "grow"},
                h("p", {}, h("span", {class: WARNINGS.has(record.event) ? "strong bad" : "strong"}, t(`event_${record.event}`)),
                    " ", h("span", {}, record.username || t("nobody"))),
                parts.length > 0 && h("p", {class: "faint"}, parts.join(" · "))));
    };
    const more = async (cursor) => {
        try {
            const page = await call("GET", `/auth/audit/?${new URLSearchParams({limit: "50", ...(cursor && {cursor})})}`);
            for (const record of page.records) {
                if (day(record.time) !== last) {
                    last = day(record.time);
                    place.append(h("h2", {}, last), h("ul", {class: "rows"}));
                }
                place.lastElementChild.append(row(record));
            }
            const go = page.next && button(t("more"), {onclick: () => busy(go, more(page.next))});
            fill(below, go, !last && empty("list", t("audit_none")));
        } catch (error) {
            fill(below, trouble(error.text, () => more(cursor)));
        }
    };
    more(null);
    return {title: t("audit"), text: t("audit_text"), body: [place, below]};
}
