// Swagger UI over our own description. The examples run as they stand: a word in braces that an answer has brought
// (the tokens of a login, an account's id) is filled in before a request leaves. Kept in this page alone.
const known = {};

function learn(value) {
    if (value === null || typeof value !== "object") {
        return;
    }
    for (const [key, inner] of Object.entries(value)) {
        if (typeof inner !== "string") {
            learn(inner);
        } else if (["access", "refresh", "id"].includes(key)) {
            known[key] = inner;
        } else if (key === "profile_pic") {
            known.image = inner.split("/").pop();
        }
    }
}

function fill(text) {
    return text.replace(/\{(\w+)\}/g, (word, key) => known[key] ?? word);
}

window.addEventListener("DOMContentLoaded", () => {
    window.ui = SwaggerUIBundle({
        url: "/openapi.json",
        dom_id: "#swagger",
        deepLinking: true,
        validatorUrl: null,
        tryItOutEnabled: true,
        defaultModelsExpandDepth: 0,
        requestInterceptor(request) {
            request.url = fill(request.url.replace(/%7B(\w+)%7D/gi, "{$1}"));
            if (typeof request.body === "string") {
                request.body = fill(request.body);
            }
            return request;
        },
        responseInterceptor(response) {
            if (response.ok && !response.url.endsWith("/openapi.json")) {
                learn(response.body ?? response.obj);
            }
            return response;
        },
    });
});
