/* What a mail points to: verifying an address, setting a new password. */
#include "account/manage.h"
#include "api/handlers.h"
#include "api/page.h"
#include "options.h"

#define BAD_RESET_LINK "The password reset link was invalid, possibly because it has already been used."

/* --- words of the pages, by language -------------------------------------------------------------------- */

struct message {
    const char *title, *text, *go;
};

struct words {
    struct message verified, not_verified, bad_link, changed;
    const char *reset_title, *reset_who, *reset_hint, *invited_hint, *reset_first, *reset_second, *reset_go;
};

static const struct words all_words[LK_LANGUAGES] = {
    [LK_ENGLISH] =
        {
            .verified = {"Thank you", "Your e-mail address is verified.", "Continue"},
            .not_verified =
                {"This link is not valid",
                 "It may have been used already, or be too old. Sign in to see whether your address is "
                 "verified.",
                 "Continue"},
            .bad_link = {"Password reset unsuccessful", BAD_RESET_LINK " Ask for a new one.",
                         "Ask for a new link"},
            .changed = {"Your password is set", "You can sign in with it now.", "Sign in"},
            .reset_title = "Choose a password",
            .reset_who = "For the account",
            .reset_hint = "You will be signed out wherever you are signed in now.",
            .invited_hint = "You will sign in with it.",
            .reset_first = "New password",
            .reset_second = "The same once more",
            .reset_go = "Set the password",
        },
    [LK_FRENCH] =
        {
            .verified = {"Merci", "Votre adresse e-mail est vérifiée.", "Continuer"},
            .not_verified = {"Ce lien n’est pas valable",
                             "Il a peut-être déjà servi, ou il est trop ancien. "
                             "Connectez-vous pour voir si votre adresse est vérifiée.",
                             "Continuer"},
            .bad_link = {"Ce lien n’est pas valable",
                         "Il a peut-être déjà servi, ou il est trop ancien. Demandez-en un nouveau.",
                         "Demander un nouveau lien"},
            .changed = {"Votre mot de passe est enregistré", "Vous pouvez maintenant vous connecter.",
                        "Se connecter"},
            .reset_title = "Choisir un mot de passe",
            .reset_who = "Pour le compte",
            .reset_hint = "Vous serez déconnecté partout où vous êtes connecté.",
            .invited_hint = "Il vous servira à vous connecter.",
            .reset_first = "Nouveau mot de passe",
            .reset_second = "Encore une fois le même",
            .reset_go = "Enregistrer le mot de passe",
        },
};

static const struct words *words_of(struct lk_request *r) {
    return &all_words[lk_api_language(r)];
}

/* What may be wrong with a password, in French; any other sentence stays as it is. */
static void put_french(struct lk_buf *out, const struct lk_violation *v, enum lk_mount mount) {
    switch (v->rule) {
    case LK_RULE_REQUIRED:
    case LK_RULE_BLANK:
        lk_buf_put_cstr(out, "Veuillez remplir les deux champs.");
        break;
    case LK_RULE_PASSWORD_SHORT:
        lk_buf_put_cstr(out, "Ce mot de passe est trop court : au moins ");
        lk_buf_put_u64(out, v->number);
        lk_buf_put_cstr(out, " caractères.");
        break;
    case LK_RULE_PASSWORD_COMMON:
        lk_buf_put_cstr(out, "Ce mot de passe est trop courant.");
        break;
    case LK_RULE_PASSWORD_SIMILAR_USERNAME:
        lk_buf_put_cstr(out, "Le mot de passe ressemble trop au nom d’utilisateur.");
        break;
    case LK_RULE_PASSWORD_SIMILAR_EMAIL:
        lk_buf_put_cstr(out, "Le mot de passe ressemble trop à l’adresse e-mail.");
        break;
    case LK_RULE_PASSWORD_MISMATCH:
        lk_buf_put_cstr(out, "Les deux mots de passe ne sont pas les mêmes.");
        break;
    default:
        lk_violation_text(out, v, mount);
    }
}

/* A link to where a person goes on, where there are pages to go on to. */
static struct lk_str onward(struct lk_request *r, const char *target, const char *text) {
    struct lk_response link;
    lk_response_init(&link, r->arena);
    if (LK_PAGES) {
        lk_res_put(&link, LK_STR("<a class=\"button primary\" href=\""));
        lk_res_put(&link, lk_str_from(target));
        lk_res_put(&link, LK_STR("\">"));
        lk_api_put_html(&link, lk_str_from(text));
        lk_res_put(&link, LK_STR("</a>\n"));
    }
    return lk_buf_str(&link.body);
}

static void message_page(struct lk_request *r, struct lk_response *res, int status, const struct message *m,
                         const char *target) {
    const struct lk_page_gap gaps[] = {
        {.name = "title", .text = lk_str_from(m->title)},
        {.name = "text", .text = lk_str_from(m->text)},
        {.name = "onward", .text = onward(r, target, m->go), .markup = true},
    };
    lk_api_own_page(r, res, status, "message.html", gaps, 3);
}

static void bad_link(struct lk_request *r, struct lk_response *res) {
    res->sensitive = true;
    if (lk_request_prefers_html(r)) {
        message_page(r, res, 400, &words_of(r)->bad_link, "/forgot");
    } else {
        lk_api_error(res, 400, BAD_RESET_LINK);
    }
}

/* The page says whose password it is: a browser keeps both, and who was invited learns the name. */
static void reset_page(struct lk_request *r, struct lk_response *res, int status, struct lk_str errors) {
    const struct words *w = words_of(r);
    struct lk_api_work *work = lk_api_work(r, res);
    if (work == NULL) {
        return;
    }
    if (lk_reset_link_account(lk_api_app(r)->service, r->params[0], r->params[1], r->client.now,
                              &work->account, &work->mem) != 0) {
        bad_link(r, res);
        return;
    }
    const char *hint = lk_password_unset(&work->account) ? w->invited_hint : w->reset_hint;
    const struct lk_page_gap gaps[] = {
        {.name = "title", .text = lk_str_from(w->reset_title)},
        {.name = "who", .text = lk_str_from(w->reset_who)},
        {.name = "username", .text = work->account.username},
        {.name = "hint", .text = lk_str_from(hint)},
        {.name = "first", .text = lk_str_from(w->reset_first)},
        {.name = "second", .text = lk_str_from(w->reset_second)},
        {.name = "go", .text = lk_str_from(w->reset_go)},
        {.name = "errors", .text = errors, .markup = true},
    };
    res->sensitive = true;
    lk_api_own_page(r, res, status, "reset.html", gaps, sizeof(gaps) / sizeof(gaps[0]));
}

/* --- verifying ------------------------------------------------------------------------------------------ */

/* HEAD only looks: whatever follows links ahead of a person must not use up theirs. */
static int verify(struct lk_request *r) {
    struct lk_service *service = lk_api_app(r)->service;
    if (r->method == LK_HEAD) {
        bool good = lk_verify_link_good(service, r->params[0], r->params[1], r->client.now);
        return good ? 0 : LK_ERR_NOT_FOUND;
    }
    return lk_verify_email(service, r->params[0], r->params[1], &r->client);
}

void lk_api_verify_email(struct lk_request *r, struct lk_response *res) {
    int err = verify(r);
    bool html = lk_request_prefers_html(r);
    res->sensitive = true;
    if (err != 0 && err != LK_ERR_NOT_FOUND && err != LK_ERR_INVALID) {
        lk_res_error(res, err);
    } else if (err != 0 && html) {
        message_page(r, res, 400, &words_of(r)->not_verified, "/");
    } else if (err != 0) {
        lk_api_error(res, 400, "Invalid verification link");
    } else if (html) {
        message_page(r, res, 200, &words_of(r)->verified, "/");
    } else {
        lk_api_message(res, 200, "Email verified successfully");
    }
}

void lk_api_reset_request(struct lk_request *r, struct lk_response *res) {
    struct lk_violations v = {.count = 0};
    struct lk_str email = {NULL, 0};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    lk_api_field_email(body, 0, &v, &email);
    if (!lk_violation_has(&v, LK_FIELD_EMAIL)) {
        lk_check_email(&v, email);
    }
    if (lk_api_failed(r, res, 0, &v, 0)) {
        return;
    }
    int err = lk_reset_request(lk_api_app(r)->service, email, lk_api_client(r));
    if (!lk_api_failed(r, res, err, NULL, 0)) {
        lk_api_message(res, 200, "Password reset e-mail has been sent.");
    }
}

/* --- the page behind the mailed link ------------------------------------------------------------------ */

/* The sentences of a 400, one <li> each. */
static struct lk_str error_items(struct lk_request *r, const struct lk_violations *v) {
    struct lk_response items;
    lk_response_init(&items, r->arena);
    lk_res_put(&items, LK_STR("<ul class=\"errors\" role=\"alert\">\n"));
    for (size_t i = 0; i < v->count; i++) {
        char mem[LK_VIOLATION_TEXT_MAX];
        struct lk_buf text;
        lk_buf_init(&text, mem, sizeof(mem));
        if (lk_api_language(r) == LK_FRENCH) {
            put_french(&text, &v->list[i], r->mount);
        } else {
            lk_violation_text(&text, &v->list[i], r->mount);
        }
        lk_res_put(&items, LK_STR("<li>"));
        lk_api_put_html(&items, lk_buf_str(&text));
        lk_res_put(&items, LK_STR("</li>\n"));
    }
    lk_res_put(&items, LK_STR("</ul>\n"));
    return lk_buf_str(&items.body);
}

static void bad_passwords(struct lk_request *r, struct lk_response *res, const struct lk_violations *v) {
    if (!lk_request_prefers_html(r)) {
        lk_res_violations(res, v, r->mount);
        return;
    }
    reset_page(r, res, 400, error_items(r, v));
}

void lk_api_reset_page(struct lk_request *r, struct lk_response *res) {
    reset_page(r, res, 200, LK_STR(""));
}

/* Whoever holds the link may set the password: it is the proof, and a form from elsewhere gains nothing. */
void lk_api_reset_confirm(struct lk_request *r, struct lk_response *res) {
    struct lk_service *service = lk_api_app(r)->service;
    struct lk_violations v = {.count = 0};
    struct lk_str first = {NULL, 0};
    struct lk_str second = {NULL, 0};
    struct lk_body *body;
    if (lk_body_read(r, res, &body) != 0) {
        return;
    }
    res->sensitive = true;
    lk_body_text(body, "new_password1", LK_FIELD_NEW_PASSWORD1, 0, &v, &first);
    lk_body_text(body, "new_password2", LK_FIELD_NEW_PASSWORD2, 0, &v, &second);
    int err = LK_ERR_INVALID;
    if (v.count == 0) {
        err = lk_reset_confirm(service, r->params[0], r->params[1], first, second, &r->client, &v);
    } else if (!lk_reset_link_good(service, r->params[0], r->params[1], r->client.now)) {
        err = LK_ERR_NOT_FOUND;
    }
    if (err == LK_ERR_NOT_FOUND || (err == LK_ERR_INVALID && v.count == 0)) {
        bad_link(r, res);
    } else if (err == LK_ERR_INVALID) {
        bad_passwords(r, res, &v);
    } else if (err != 0) {
        lk_res_error(res, err);
    } else if (lk_request_prefers_html(r)) {
        message_page(r, res, 200, &words_of(r)->changed, "/sign-in");
    } else {
        lk_api_message(res, 200, "Password has been reset.");
    }
}
