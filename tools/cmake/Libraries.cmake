# The libraries of others, each from its source tree under LATCHKEY_SOURCES with our configuration headers.
# A library is compiled when something links it.
include_guard()

get_filename_component(lk_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
# Whose functions port.h means: a folder of ports/.
set(LATCHKEY_PORT posix)
if(LATCHKEY_BOARD)
    set(LATCHKEY_PORT rtos)
endif()
set(LATCHKEY_SOURCES "${lk_root}/build/sources" CACHE PATH "Sources of the libraries, laid out as tools/deps does")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT LATCHKEY_BOARD)
    target_compile_options(lk_common_flags INTERFACE "-ffile-prefix-map=${LATCHKEY_SOURCES}=sources") # as in HostFlags
endif()

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
    set_property(GLOBAL APPEND PROPERTY lk_built_in "${name}")
    set(${variable} "${dir}" PARENT_SCOPE)
endfunction()

# --- wolfSSL ----------------------------------------------------------------------------------------------------

# wolfcrypt_sources(SUFFIX PART…): adds files of wolfCrypt to the library.
function(wolfcrypt_sources suffix)
    list(TRANSFORM ARGN PREPEND "${LK_WOLFSSL_DIR}/wolfcrypt/src/")
    list(TRANSFORM ARGN APPEND "${suffix}")
    target_sources(wolfssl PRIVATE ${ARGN})
endfunction()

foreign_source(wolfssl LK_WOLFSSL_DIR)
add_library(wolfssl STATIC EXCLUDE_FROM_ALL)
wolfcrypt_sources(.c aes asm asn chacha chacha20_poly1305 coding curve25519 ecc error fe_operations hash hmac kdf logging
    memory poly1305 pwdbased random sha256 sha512 signature sp_int wc_encrypt wc_port wolfmath)
foreach(part internal keys ssl tls tls13 wolfio)
    target_sources(wolfssl PRIVATE "${LK_WOLFSSL_DIR}/src/${part}.c")
endforeach()
target_include_directories(wolfssl SYSTEM PUBLIC
    "${LK_WOLFSSL_DIR}" "${lk_root}/ports/config" "${lk_root}/ports/config/${LATCHKEY_PORT}")
target_include_directories(wolfssl PRIVATE "${lk_root}/src") # options.h
target_compile_definitions(wolfssl PUBLIC WOLFSSL_USER_SETTINGS)
target_link_libraries(wolfssl PRIVATE lk_foreign_flags)

# --- CivetWeb, on our own openssl/*.h over wolfSSL ------------------------------------------------------------------

foreign_source(civetweb dir)
add_library(civetweb STATIC EXCLUDE_FROM_ALL "${dir}/src/civetweb.c")
target_include_directories(civetweb SYSTEM PUBLIC "${dir}/include")
target_include_directories(civetweb PRIVATE "${lk_root}/ports/tls" "${lk_root}/src" "${lk_root}/ports")
target_compile_definitions(civetweb PRIVATE
    NO_SSL_DL OPENSSL_API_3_0 NO_CGI NO_FILES NO_CACHING NO_FILESYSTEMS NDEBUG
    MG_EXTERNAL_FUNCTION_mg_cry_internal_impl MG_EXTERNAL_FUNCTION_log_access)
target_link_libraries(civetweb PRIVATE lk_foreign_flags wolfssl)
if(LATCHKEY_BOARD)
    # It asks for nothing but whether pthread_setname_np is there.
    target_compile_definitions(civetweb PRIVATE __GLIBC__=2 __GLIBC_MINOR__=12)
endif()

# --- LMDB -------------------------------------------------------------------------------------------------------

foreign_source(lmdb dir)
set(dir "${dir}/libraries/liblmdb")
add_library(lmdb STATIC EXCLUDE_FROM_ALL "${dir}/mdb.c" "${dir}/midl.c")
target_include_directories(lmdb SYSTEM PUBLIC "${dir}")
target_compile_definitions(lmdb PRIVATE NDEBUG)
target_link_libraries(lmdb PRIVATE lk_foreign_flags)

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

# --- what a platform chooses ------------------------------------------------------------------------------------------

if(LATCHKEY_BOARD)
    include(BoardLibraries)
else()
    include(HostLibraries)
endif()

# --- lwIP, on boards alone ------------------------------------------------------------------------------------------

if(LATCHKEY_BOARD)
    foreign_source(lwip dir)
    file(GLOB parts "${dir}/src/core/*.c" "${dir}/src/core/ipv4/*.c" "${dir}/src/api/*.c")
    add_library(lwip STATIC EXCLUDE_FROM_ALL ${parts}
        "${dir}/src/netif/ethernet.c" "${dir}/src/apps/sntp/sntp.c" "${dir}/src/apps/mdns/mdns.c")
    # The sockets of the C library's headers. ports/rtos/net has lwipopts.h and arch/.
    target_include_directories(lk_common_flags SYSTEM INTERFACE "${dir}/src/include" "${lk_root}/ports/rtos/net")
    target_link_libraries(lwip PRIVATE lk_foreign_flags)
endif()

# --- what was built in, for `latchkeyd --version` -------------------------------------------------------------------

get_property(versions GLOBAL PROPERTY lk_versions)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/lk_versions.h" CONTENT
"/* Made by tools/cmake/Libraries.cmake. */
#define LK_VERSION \"@PROJECT_VERSION@\"
@versions@" @ONLY)
add_library(lk_versions INTERFACE)
target_include_directories(lk_versions INTERFACE "${PROJECT_BINARY_DIR}/generated")
