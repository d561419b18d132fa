/*
 * Recognising an image by walking its whole structure, so that nothing else passes for one: PNG (with its
 * checksums), JPEG, GIF and WebP. Pixels are not decoded. Only a JPEG may have bytes behind its end: cameras
 * put them there.
 */
#include "account/account.h"
#include "base/buf.h"

#include <string.h>

/* Big-endian, as PNG and JPEG write their numbers. */
static uint32_t read_be(struct lk_reader *r, size_t bytes) {
    uint32_t v = 0;
    for (size_t i = 0; i < bytes; i++) {
        v = v << 8 | lk_read_u8(r);
    }
    return v;
}

/* --- PNG (ISO/IEC 15948) -------------------------------------------------------------------------------- */

/* CRC-32 as in ISO 3309, a nibble at a time: 64 bytes of table. */
static uint32_t crc32(struct lk_str a, struct lk_str b) {
    static const uint32_t table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                       0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                       0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < a.len + b.len; i++) {
        crc ^= (unsigned char)(i < a.len ? a.ptr[i] : b.ptr[i - a.len]);
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static bool png_header(struct lk_str data) {
    struct lk_reader r;
    lk_reader_init(&r, data.ptr, data.len);
    uint32_t width = read_be(&r, 4);
    uint32_t height = read_be(&r, 4);
    return data.len == 13 && width > 0 && height > 0 && width <= INT32_MAX && height <= INT32_MAX;
}

static bool is_png(struct lk_str bytes) {
    struct lk_reader r;
    bool header = false;
    bool data = false;
    lk_reader_init(&r, bytes.ptr, bytes.len);
    if (!lk_str_eq(lk_read_bytes(&r, 8), LK_STR("\x89PNG\r\n\x1a\n"))) {
        return false;
    }
    while (r.err == 0) {
        uint32_t len = read_be(&r, 4);
        struct lk_str type = lk_read_bytes(&r, 4);
        struct lk_str chunk = lk_read_bytes(&r, len);
        uint32_t crc = read_be(&r, 4);
        bool first = lk_str_eq(type, LK_STR("IHDR"));
        if (r.err != 0 || crc != crc32(type, chunk) || first == header || (first && !png_header(chunk))) {
            return false;
        }
        header = true;
        data = data || (lk_str_eq(type, LK_STR("IDAT")) && chunk.len > 0);
        if (lk_str_eq(type, LK_STR("IEND"))) {
            return data && chunk.len == 0 && lk_reader_end(&r) == 0;
        }
    }
    return false;
}

/* --- JPEG (ITU-T T.81) ---------------------------------------------------------------------------------- */

/* A frame header: SOF0 to SOF15, but for the tables that share its range (DHT, JPG, DAC). */
static bool is_frame(uint8_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool jpeg_frame(struct lk_str segment) {
    struct lk_reader r;
    lk_reader_init(&r, segment.ptr, segment.len);
    lk_read_u8(&r); /* precision */
    uint32_t height = read_be(&r, 2);
    uint32_t width = read_be(&r, 2);
    uint8_t parts = lk_read_u8(&r);
    return r.err == 0 && height > 0 && width > 0 && parts >= 1 && parts <= 4 && r.left == 3u * parts;
}

/* Coded data up to the next marker, which is returned: 0xFF 0x00 is a stuffed byte, 0xFF 0xD0..0xD7 a
   restart. */
static uint8_t skip_scan(struct lk_reader *r) {
    uint8_t before = 0;
    while (r->err == 0) {
        uint8_t c = lk_read_u8(r);
        if (before == 0xFF && c != 0 && c != 0xFF && (c < 0xD0 || c > 0xD7)) {
            return c;
        }
        before = c;
    }
    return 0;
}

static uint8_t next_marker(struct lk_reader *r) {
    uint8_t c = lk_read_u8(r);
    if (c != 0xFF) {
        return 0;
    }
    while (c == 0xFF && r->err == 0) {
        c = lk_read_u8(r); /* fill bytes */
    }
    return c;
}

static bool is_jpeg(struct lk_str bytes) {
    struct lk_reader r;
    bool frame = false;
    bool scan = false;
    lk_reader_init(&r, bytes.ptr, bytes.len);
    if (read_be(&r, 2) != 0xFFD8) {
        return false;
    }
    uint8_t marker = next_marker(&r);
    while (r.err == 0 && marker >= 0xC0 && marker != 0xFF) {
        if (marker == 0xD9) {
            return frame && scan;
        }
        uint32_t len = read_be(&r, 2);
        struct lk_str segment = lk_read_bytes(&r, len >= 2 ? len - 2 : 0);
        if (r.err != 0 || len < 2 || (marker >= 0xD0 && marker <= 0xD8) ||
            (is_frame(marker) && !jpeg_frame(segment))) {
            return false;
        }
        frame = frame || is_frame(marker);
        scan = scan || (marker == 0xDA && frame);
        marker = marker == 0xDA ? skip_scan(&r) : next_marker(&r);
    }
    return false;
}

/* --- GIF (GIF89a specification) ------------------------------------------------------------------------- */

static void skip_color_table(struct lk_reader *r, uint8_t flags) {
    if ((flags & 0x80) != 0) {
        lk_read_bytes(r, (size_t)3 << ((flags & 7) + 1));
    }
}

/* Blocks behind their lengths, up to the empty one. Returns how many bytes they hold. */
static size_t skip_blocks(struct lk_reader *r) {
    size_t sum = 0;
    for (uint8_t len = lk_read_u8(r); len != 0; len = lk_read_u8(r)) {
        lk_read_bytes(r, len);
        sum += len;
    }
    return sum;
}

static bool gif_image(struct lk_reader *r) {
    lk_read_bytes(r, 4); /* where it lies on the screen */
    uint16_t width = lk_read_le16(r);
    uint16_t height = lk_read_le16(r);
    skip_color_table(r, lk_read_u8(r));
    uint8_t code_size = lk_read_u8(r);
    return skip_blocks(r) > 0 && r->err == 0 && width > 0 && height > 0 && code_size >= 1 && code_size <= 11;
}

static bool is_gif(struct lk_str bytes) {
    struct lk_reader r;
    bool image = false;
    lk_reader_init(&r, bytes.ptr, bytes.len);
    struct lk_str version = lk_read_bytes(&r, 6);
    if (!lk_str_eq(version, LK_STR("GIF87a")) && !lk_str_eq(version, LK_STR("GIF89a"))) {
        return false;
    }
    lk_read_bytes(&r, 4); /* size of the screen */
    uint8_t flags = lk_read_u8(&r);
    lk_read_bytes(&r, 2);
    skip_color_table(&r, flags);
    while (r.err == 0) {
        switch (lk_read_u8(&r)) {
        case 0x2C:
            image = true;
            if (!gif_image(&r)) {
                return false;
            }
            break;
        case 0x21:
            lk_read_u8(&r);
            skip_blocks(&r);
            break;
        case 0x3B:
            return image && lk_reader_end(&r) == 0;
        default:
            return false;
        }
    }
    return false;
}

/* --- WebP (RFC 9649) ------------------------------------------------------------------------------------ */

/* True for the chunk that holds an image: lossy with its start code, or lossless with its signature. */
static bool webp_image(struct lk_str type, struct lk_str data) {
    if (lk_str_eq(type, LK_STR("VP8 "))) {
        return data.len > 10 && lk_str_eq(lk_str_sub(data, 3, 3), LK_STR("\x9d\x01\x2a"));
    }
    return lk_str_eq(type, LK_STR("VP8L")) && data.len > 5 && data.ptr[0] == 0x2F;
}

static bool is_webp(struct lk_str bytes) {
    struct lk_reader r;
    bool image = false;
    lk_reader_init(&r, bytes.ptr, bytes.len);
    bool riff = lk_str_eq(lk_read_bytes(&r, 4), LK_STR("RIFF"));
    uint32_t size = lk_read_le32(&r);
    if (!riff || size != r.left || !lk_str_eq(lk_read_bytes(&r, 4), LK_STR("WEBP"))) {
        return false;
    }
    while (r.err == 0 && r.left > 0) {
        struct lk_str type = lk_read_bytes(&r, 4);
        uint32_t len = lk_read_le32(&r);
        struct lk_str data = lk_read_bytes(&r, len);
        lk_read_bytes(&r, len & 1); /* chunks are padded to an even length */
        /* An animation's frames hold their images in chunks of their own, behind 16 bytes. */
        bool frame = lk_str_eq(type, LK_STR("ANMF")) && data.len > 24;
        image = image || webp_image(type, data) || frame;
    }
    return r.err == 0 && image;
}

const char *lk_picture_type(struct lk_str bytes) {
    return is_png(bytes)    ? "image/png"
           : is_jpeg(bytes) ? "image/jpeg"
           : is_gif(bytes)  ? "image/gif"
           : is_webp(bytes) ? "image/webp"
                            : NULL;
}
