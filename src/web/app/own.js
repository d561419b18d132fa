/* The pages of a person's own account: profile, password, sessions. */
import {call, load, session} from "/assets/@api.js";
import {crop} from "/assets/@crop.js";
import {avatar, badge, busy, button, field, fill, form, h, icon, skeleton, sure, toast, trouble} from "/assets/@dom.js";
import {ago, t} from "/assets/@words.js";

const OWN = "/auth/session/account/";

/* --- profile --- */

export function profile({refresh}) {
    const account = session.account;
    const change = async (body, said) => {
        Object.assign(account, await call("PATCH", OWN, body));
        toast(said);
        refresh();
    };
    const problem = h("div");
    const attempt = async (element, promise) => {
        fill(problem);
        try {
            await busy(element, promise);
        } catch (error) {
            fill(problem, trouble(Object.values(error.fields ?? {}).flat().join(" ") || error.text));
        }
    };
    const file = h("input", {type: "file", id: "f-picture", class: "sr", tabindex: "-1", "aria-hidden": "true",
        accept: "image/png,image/jpeg,image/webp,image/gif", onchange: () => choose(file.files[0])});
    const pick = button(t("picture_change"), {onclick: () => file.click()});
    async function choose(chosen) {
        file.value = "";
        let square = null;
        try {
            square = chosen && await crop(chosen);
        } catch {
            fill(problem, trouble(t("picture_bad")));
        }
        if (square) {
            const body = new FormData();
            body.append("profile_pic", square, "picture.jpg");
            await attempt(pick, change(body, t("picture_saved")));
        }
    }
    const remove = account.picture && button(t("picture_remove"), {class: "ghost",
        onclick: () => attempt(remove, change({profile_pic: null}, t("picture_saved")))});
    return {title: t("profile"), body: [
        h("section", {class: "card who"},
            avatar(account, "large"),
            h("div", {class: "grow"},
                h("p", {class: "strong"}, account.full_name || account.username),
                h("p", {class: "faint"}, account.full_name ? account.username : account.email),
                h("div", {class: "actions start"}, pick, remove, file)),
            problem),
        h("section", {class: "card"}, details(account, change))]};
}

function details(account, change) {
    const again = h("div", {hidden: true},
        field({name: "current_password", label: t("current_password"), type: "password", hint: t("confirm_email"),
            autocomplete: "current-password"}));
    const address = field({name: "email", label: t("email"), type: "email", autocomplete: "email", value: account.email,
        oninput: (event) => {
            again.hidden = event.target.value.trim() === account.email;
        }});
    const state = h("p", {class: "state"},
        badge(t(account.email_verified ? "verified" : "not_verified"), account.email_verified ? "good" : "warn"),
        !account.email_verified && session.mail && h("span", {class: "faint"}, t("not_verified_text")));
    return form({
        fields: [
            field({name: "full_name", label: t("full_name"), autocomplete: "name", value: account.full_name}),
            address, state, again],
        submit: t("save"),
        send: async (values) => {
            const body = {};
            if (values.full_name !== account.full_name) {
                body.full_name = values.full_name;
            }
            if (values.email.trim() !== account.email) {
                body.email = values.email;
                body.current_password = values.current_password;
            }
            await change(body, t("saved"));
        },
    });
}

/* --- password --- */

export function password({go}) {
    return {title: t("password_title"), text: t("password_text"), narrow: true, body: h("section", {class: "card"}, form({
        fields: [
            h("input", {class: "sr", type: "text", autocomplete: "username", value: session.account.username,
                tabindex: "-1", "aria-hidden": "true", readonly: true}),
            field({name: "current_password", label: t("current_password"), type: "password",
                autocomplete: "current-password"}),
            field({name: "password", label: t("new_password"), type: "password", autocomplete: "new-password",
                hint: t("password_hint", {n: session.password_min_length})})],
        submit: t("password_go"),
        send: async (values) => {
            await call("PATCH", OWN, values);
            toast(t("password_changed"));
            go("/sessions");
        },
    }))};
}

/* --- sessions --- */

const PHONES = /Android|iPhone|iPad/;

function deviceIcon(device) {
    return icon(PHONES.test(device) ? "phone" : device === "" || device.includes(", ") ? "computer" : "terminal");
}

export function sessions({go}) {
    const place = h("div", {}, skeleton());
    const show = async () => {
        try {
            const {sessions: all} = await call("GET", "/auth/sessions/");
            all.sort((a, b) => b.current - a.current || b.last_used.localeCompare(a.last_used));
            fill(place, h("ul", {class: "rows"}, all.map(row)), all.length > 1 ? endOthers() : single());
        } catch (error) {
            fill(place, trouble(error.text, show));
        }
    };
    const single = () => h("p", {class: "faint after"}, t("sessions_one"));
    const row = (one) => {
        const name = one.device || t("unknown_device");
        const end = button(t("sign_out"), {class: "small", "aria-label": t("sign_out_one", {name}),
            onclick: () => endOne(end, one)});
        return h("li", {class: "row device"},
            h("span", {class: "avatar"}, deviceIcon(one.device)),
            h("div", {class: "grow"},
                h("p", {}, h("span", {class: "strong"}, name), one.current && badge(t("this_device"), "good")),
                h("p", {class: "faint"}, [one.address, t("signed_in", {when: ago(one.created)}),
                    t("seen", {when: ago(one.last_used)})].filter(Boolean).join(" · "))),
            end);
    };
    const endOne = async (element, one) => {
        try {
            await busy(element, call("DELETE", `/auth/sessions/${one.id}/`));
        } catch (error) {
            toast(error.text);
        }
        if (one.current) {
            await load();
            go("/sign-in");
        } else {
            toast(t("ended"));
            await show();
        }
    };
    const endOthers = () => {
        const all = button(t("sessions_all"), {class: "danger", onclick: async () => {
            if (await sure(t("sessions_all"), t("sessions_all_text"), t("sessions_all"))) {
                try {
                    await busy(all, call("DELETE", "/auth/sessions/"));
                    toast(t("ended_all"));
                } catch (error) {
                    toast(error.text);
                }
                await show();
            }
        }});
        return h("div", {class: "actions start after"}, all);
    };
    show();
    return {title: t("sessions"), text: t("sessions_text"), body: place};
}

