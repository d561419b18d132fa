/* The http layer writes the access log: it knows the request as it was sent. Part of civetweb.c. */
static void log_access(const struct mg_connection *conn) {
    (void)conn;
}
