/* What a mail points to: verifying an address, setting a new password. */
#include "api/handlers.h"
#include "api/page.h"

#define BAD_RESET_LINK "The password reset link was invalid, possibly because it has already been used."

static void message_page(struct lk_response *res, int status, const char *title, const char *text) {
    const struct lk_page_gap gaps[] = {
        {.name = "title", .text = lk_str_from(title)},
        {.name = "text", .text = lk_str_from(text)},
    };
    lk_api_page(res, status, "message.html", gaps, 2);
}

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
        message_page(
            res, 400, "This link is not valid",
            "It may have been used already, or be too old. Log in to see whether your address is verified.");
    } else if (err != 0) {
        lk_api_error(res, 400, "Invalid verification link");
    } else if (html) {
        message_page(res, 200, "Thank you", "Your e-mail address is verified.");
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
    int err = lk_reset_request(lk_api_app(r)->service, email, &r->client);
    if (!lk_api_failed(r, res, err, NULL, 0)) {
        lk_api_message(res, 200, "Password reset e-mail has been sent.");
    }
}

/* --- the page behind the mailed link ------------------------------------------------------------------ */

static void bad_link(struct lk_request *r, struct lk_response *res) {
    res->sensitive = true;
    if (lk_request_prefers_html(r)) {
        message_page(res, 400, "Password reset unsuccessful", BAD_RESET_LINK " Ask for a new one.");
    } else {
        lk_api_error(res, 400, BAD_RESET_LINK);
    }
}

/* The sentences of a 400, one <li> each. */
static struct lk_str error_items(struct lk_request *r, const struct lk_violations *v) {
    struct lk_response items;
    lk_response_init(&items, r->arena);
    lk_res_put(&items, LK_STR("<ul class=\"errors\" role=\"alert\">\n"));
    for (size_t i = 0; i < v->count; i++) {
        char mem[LK_VIOLATION_TEXT_MAX];
        struct lk_buf text;
        lk_buf_init(&text, mem, sizeof(mem));
        lk_violation_text(&text, &v->list[i], r->mount);
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
    const struct lk_page_gap gap = {.name = "errors", .text = error_items(r, v), .markup = true};
    lk_api_page(res, 400, "reset.html", &gap, 1);
}

void lk_api_reset_page(struct lk_request *r, struct lk_response *res) {
    if (!lk_reset_link_good(lk_api_app(r)->service, r->params[0], r->params[1], r->client.now)) {
        bad_link(r, res);
        return;
    }
    res->sensitive = true;
    lk_api_page(res, 200, "reset.html", NULL, 0);
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
        message_page(res, 200, "Password changed", "Your new password is set. You may log in with it now.");
    } else {
        lk_api_message(res, 200, "Password has been reset.");
    }
}
