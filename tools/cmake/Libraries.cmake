# The libraries of others, each from its source tree under LATCHKEY_SOURCES with our configuration headers.
# A library is compiled when something links it.
include_guard()

get_filename_component(lk_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(LATCHKEY_SOURCES "${lk_root}/build/sources" CACHE PATH "Sources of the libraries, laid out as tools/deps does")

# foreign_source(NAME VARIABLE): the tree of a library; its version goes to lk_versions.h.
function(foreign_source name variable)
    set(dir "${LATCHKEY_SOURCES}/${name}")
    if(NOT IS_DIRECTORY "${dir}")
        message(FATAL_ERROR "No sources of ${name} in ${LATCHKEY_SOURCES}: run tools/deps, or pass -DLATCHKEY_SOURCES=<folder>")
    endif()
    set(version "unknown")
    if(EXISTS "${dir}/latchkey-version")
        file(STRINGS "${dir}/latchkey-version" version LIMIT_COUNT 1)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${dir}/latchkey-version")
    endif()
    string(TOUPPER "${name}" upper)
    set_property(GLOBAL APPEND_STRING PROPERTY lk_versions "#define LK_${upper}_VERSION \"${version}\"\n")
    set(${variable} "${dir}" PARENT_SCOPE)
endfunction()

# --- wolfSSL ----------------------------------------------------------------------------------------------------

foreign_source(wolfssl dir)
set(parts aes asm asn chacha chacha20_poly1305 coding cpuid curve25519 ecc error fe_operations hash hmac kdf logging
    memory poly1305 pwdbased random rsa sha256 sha512 signature sp_c32 sp_c64 sp_cortexm sp_int sp_x86_64 wc_encrypt
    wc_port wolfmath)
list(TRANSFORM parts PREPEND "${dir}/wolfcrypt/src/")
list(TRANSFORM parts APPEND ".c")
add_library(wolfssl STATIC EXCLUDE_FROM_ALL ${parts}
    ${dir}/src/internal.c ${dir}/src/keys.c ${dir}/src/ssl.c ${dir}/src/tls.c ${dir}/src/tls13.c ${dir}/src/wolfio.c)
set(platform $<IF:$<BOOL:${LATCHKEY_BOARD}>,rtos,posix>)
target_include_directories(wolfssl SYSTEM PUBLIC "${dir}" "${lk_root}/ports/config" "${lk_root}/ports/config/${platform}")
target_compile_definitions(wolfssl PUBLIC WOLFSSL_USER_SETTINGS)
target_link_libraries(wolfssl PRIVATE lk_foreign_flags)

if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    set(parts aes_asm aes_gcm_asm chacha_asm fe_x25519_asm poly1305_asm sha256_asm sha512_asm sp_x86_64_asm)
    list(TRANSFORM parts PREPEND "${dir}/wolfcrypt/src/")
    list(TRANSFORM parts APPEND ".S")
    target_sources(wolfssl PRIVATE ${parts})
    target_compile_definitions(wolfssl PUBLIC LK_WOLFSSL_X86_64)
    # aes_asm.S does not read user_settings.h and would silently be empty.
    set_source_files_properties(${parts} PROPERTIES COMPILE_DEFINITIONS WOLFSSL_X86_64_BUILD)
    set_source_files_properties("${dir}/wolfcrypt/src/aes.c" PROPERTIES COMPILE_OPTIONS "-maes;-msse4.1;-mpclmul")
endif()

# --- CivetWeb, on our own openssl/*.h over wolfSSL ------------------------------------------------------------------

foreign_source(civetweb dir)
add_library(civetweb STATIC EXCLUDE_FROM_ALL "${dir}/src/civetweb.c")
target_include_directories(civetweb SYSTEM PUBLIC "${dir}/include")
target_include_directories(civetweb PRIVATE "${lk_root}/ports/tls" "${lk_root}/src" "${lk_root}/ports")
target_compile_definitions(civetweb
    PUBLIC USE_IPV6
    PRIVATE NO_SSL_DL OPENSSL_API_3_0 NO_CGI NO_FILES NO_CACHING NO_FILESYSTEMS NDEBUG
        MG_EXTERNAL_FUNCTION_mg_cry_internal_impl MG_EXTERNAL_FUNCTION_log_access)
target_link_libraries(civetweb PRIVATE lk_foreign_flags wolfssl)

# --- LMDB -------------------------------------------------------------------------------------------------------

foreign_source(lmdb dir)
set(dir "${dir}/libraries/liblmdb")
add_library(lmdb STATIC EXCLUDE_FROM_ALL "${dir}/mdb.c" "${dir}/midl.c")
target_include_directories(lmdb SYSTEM PUBLIC "${dir}")
target_compile_definitions(lmdb PRIVATE NDEBUG)
target_link_libraries(lmdb PRIVATE lk_foreign_flags)
# Its readers race with the writer by design; ThreadSanitizer would report every one.
set_source_files_properties("${dir}/mdb.c" "${dir}/midl.c" PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)

# --- cJSON ------------------------------------------------------------------------------------------------------

foreign_source(cjson dir)
add_library(cjson STATIC EXCLUDE_FROM_ALL "${dir}/cJSON.c")
target_include_directories(cjson SYSTEM PUBLIC "${dir}")
# Nothing we take nests deeper than a few levels; the default of 1000 costs stack.
target_compile_definitions(cjson PUBLIC CJSON_NESTING_LIMIT=16 PRIVATE CJSON_HIDE_SYMBOLS)
target_link_libraries(cjson PRIVATE lk_foreign_flags)

# --- utf8proc ---------------------------------------------------------------------------------------------------

foreign_source(utf8proc dir)
add_library(utf8proc STATIC EXCLUDE_FROM_ALL "${dir}/utf8proc.c")
target_include_directories(utf8proc SYSTEM PUBLIC "${dir}")
target_compile_definitions(utf8proc PUBLIC UTF8PROC_STATIC)
target_link_libraries(utf8proc PRIVATE lk_foreign_flags)

# --- what was built in, for `latchkeyd --version` -------------------------------------------------------------------

get_property(versions GLOBAL PROPERTY lk_versions)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/lk_versions.h" CONTENT
"/* Made by tools/cmake/Libraries.cmake. */
#define LK_VERSION \"@PROJECT_VERSION@\"
@versions@" @ONLY)
add_library(lk_versions INTERFACE)
target_include_directories(lk_versions INTERFACE "${PROJECT_BINARY_DIR}/generated")
