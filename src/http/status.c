#include "http/status.h"

struct status_row {
    int status;
    const char *text;
    const char *detail; /* of an answer that the engine gives by itself; NULL: it gives none */
};

static const struct status_row statuses[] = {
    {200, "OK", NULL},
    {201, "Created", NULL},
    {204, "No Content", NULL},
    {304, "Not Modified", NULL},
    {308, "Permanent Redirect", NULL},
    {400, "Bad Request", "Malformed request."},
    {401, "Unauthorized", NULL},
    {403, "Forbidden", NULL},
    {404, "Not Found", "Not found."},
    {405, "Method Not Allowed", NULL},
    {406, "Not Acceptable", NULL},
    {408, "Request Timeout", "The request took too long to arrive."},
    {409, "Conflict", NULL},
    {413, "Content Too Large", "The request is too large."},
    {414, "URI Too Long", "The request target is too long."},
    {415, "Unsupported Media Type", NULL},
    {417, "Expectation Failed", "The expectation cannot be met."},
    {429, "Too Many Requests", NULL},
    {431, "Request Header Fields Too Large", "The request header is too large."},
    {500, "Internal Server Error", "A server error occurred."},
    {501, "Not Implemented", "Not supported."},
    {503, "Service Unavailable", "Service temporarily unavailable, try again later."},
    {505, "HTTP Version Not Supported", "This version of HTTP is not spoken here."},
    {507, "Insufficient Storage", "The storage is full."},
};

static const struct status_row *status_row(int status) {
    static const struct status_row unknown = {0, "Unknown", "Malformed request."};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].status == status) {
            return &statuses[i];
        }
    }
    return &unknown;
}

const char *lk_status_text(int status) {
    return status_row(status)->text;
}

const char *lk_status_detail(int status) {
    const char *detail = status_row(status)->detail;
    return detail != NULL ? detail : status_row(status)->text;
}

const char *lk_mount_scheme(enum lk_mount mount) {
    return mount == LK_MOUNT_API_USER ? "JWT" : "Bearer";
}
