# The libraries on the machine that builds: every number size, IPv6, and the assembly of x86-64.
include_guard()

wolfcrypt_sources(.c cpuid rsa sp_c32 sp_c64 sp_x86_64)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    set(parts aes_asm aes_gcm_asm chacha_asm fe_x25519_asm poly1305_asm sha256_asm sha512_asm sp_x86_64_asm)
    wolfcrypt_sources(.S ${parts})
    target_compile_definitions(wolfssl PUBLIC LK_WOLFSSL_X86_64)
    # aes_asm.S does not read user_settings.h and would silently be empty.
    list(TRANSFORM parts PREPEND "${LK_WOLFSSL_DIR}/wolfcrypt/src/")
    list(TRANSFORM parts APPEND ".S")
    set_source_files_properties(${parts} PROPERTIES COMPILE_DEFINITIONS WOLFSSL_X86_64_BUILD)
    set_source_files_properties("${LK_WOLFSSL_DIR}/wolfcrypt/src/aes.c" PROPERTIES
        COMPILE_OPTIONS "-maes;-msse4.1;-mpclmul")
endif()

target_compile_definitions(civetweb PUBLIC USE_IPV6)

# LMDB's readers race with the writer by design; ThreadSanitizer would report every one.
get_target_property(parts lmdb SOURCES)
set_source_files_properties(${parts} PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)

# --- libqrencode: the setup code for a phone -----------------------------------------------------------------------

foreign_source(qrencode dir)
set(parts bitstream mask mmask mqrspec qrencode qrinput qrspec rsecc split)
list(TRANSFORM parts PREPEND "${dir}/")
list(TRANSFORM parts APPEND ".c")
add_library(qrencode STATIC EXCLUDE_FROM_ALL ${parts})
target_include_directories(qrencode SYSTEM PUBLIC "${dir}")
target_compile_definitions(qrencode PRIVATE STATIC_IN_RELEASE=static MAJOR_VERSION=4 MINOR_VERSION=1
    MICRO_VERSION=1 VERSION="4.1.1" HAVE_STRDUP=1)
target_link_libraries(qrencode PRIVATE lk_foreign_flags)

# --- Swagger UI, which a browser runs: files to build in, or not ----------------------------------------------------

option(LATCHKEY_SWAGGER "Serve Swagger UI at /auth/doc/; OFF: a plain page, as where npm could not fetch it" ON)
set(lk_swagger)
if(LATCHKEY_SWAGGER AND EXISTS "${LATCHKEY_SOURCES}/swagger-ui/swagger-ui-bundle.js")
    set(lk_swagger "${LATCHKEY_SOURCES}/swagger-ui")
    set_property(GLOBAL APPEND PROPERTY lk_built_in swagger-ui)
elseif(LATCHKEY_SWAGGER)
    message(NOTICE "No Swagger UI in ${LATCHKEY_SOURCES}: a plain page describes the interface. "
        "With npm on this machine, tools/deps fetches it.")
endif()
