/* wolfCrypt's own SHA-256 in C, beside the one that takes its compression from ports/arm: under other names. */
#include <wolfssl/wolfcrypt/settings.h>
#undef WOLFSSL_SHA256_COMPRESS

#define wc_InitSha256_ex plain_InitSha256_ex
#define wc_InitSha256 plain_InitSha256
#define wc_Sha256Update plain_Sha256Update
#define wc_Sha256FinalRaw plain_Sha256FinalRaw
#define wc_Sha256Final plain_Sha256Final
#define wc_Sha256Free plain_Sha256Free
#define wc_Sha256GetHash plain_Sha256GetHash
#define wc_Sha256Copy plain_Sha256Copy
#define wc_Sha256Transform plain_Sha256Transform
#include "wolfcrypt/src/sha256.c"
