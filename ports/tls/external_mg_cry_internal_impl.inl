/* CivetWeb's own complaints go to our log. Part of civetweb.c. */
void lk_civetweb_complain(const char *message);

static void mg_cry_internal_impl(const struct mg_connection *conn, const char *func, unsigned line,
                                 const char *fmt, va_list ap) {
    char message[160];

    (void)conn;
    (void)func;
    (void)line;
    vsnprintf(message, sizeof(message), fmt, ap);
    lk_civetweb_complain(message);
}
