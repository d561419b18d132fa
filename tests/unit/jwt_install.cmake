# latchkey_jwt as a library of its own: configured, built and installed from its folder, then found and used by a
# stranger's project. The wolfSSL that it finds is this build's.
# usage: cmake -DROOT=… -DWORK=… -DWOLFSSL=libwolfssl.a "-DDEFINITIONS=A B" -DSOURCES=… -P jwt_install.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(result)
        message(FATAL_ERROR "${ARGV}: ${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

separate_arguments(DEFINITIONS)
file(REMOVE_RECURSE "${WORK}")
file(WRITE "${WORK}/prefix/lib/cmake/wolfssl/wolfssl-config.cmake" "
add_library(wolfssl::wolfssl STATIC IMPORTED)
set_target_properties(wolfssl::wolfssl PROPERTIES
    IMPORTED_LOCATION \"${WOLFSSL}\"
    INTERFACE_COMPILE_DEFINITIONS \"${DEFINITIONS}\"
    INTERFACE_INCLUDE_DIRECTORIES \"${SOURCES}/wolfssl;${ROOT}/ports/config;${ROOT}/ports/config/posix\"
    INTERFACE_LINK_LIBRARIES \"m;pthread\")
")
file(WRITE "${WORK}/user/CMakeLists.txt" "
cmake_minimum_required(VERSION 3.25)
project(user C)
find_package(latchkey_jwt 0.1 REQUIRED)
add_executable(user user.c)
target_link_libraries(user latchkey_jwt::latchkey_jwt)
")
file(WRITE "${WORK}/user/user.c" [[
#include <latchkey_jwt.h>

int main(void) {
    struct lk_jwt_key key = {.secret = "a secret of thirty-two bytes, ok", .secret_len = 32};
    struct lk_jwt_keys keys = {&key, 1};
    const struct lk_jwt_options options = {.now = 0};
    struct lk_jwt jwt;
    char token[256], payload[256];
    int len = lk_jwt_sign(&keys, "{\"sub\":\"x\"}", 11, token, sizeof token);
    return len < 0 || lk_jwt_verify(&keys, token, (size_t)len, &options, payload, sizeof payload, &jwt) != 0 ||
           !lk_jwt_claim_has(&jwt, "sub", "x");
}
]])
run(${CMAKE_COMMAND} -S "${ROOT}/src/jwt" -B "${WORK}/library" "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
    "-DCMAKE_INSTALL_PREFIX=${WORK}/prefix")
run(${CMAKE_COMMAND} --build "${WORK}/library")
run(${CMAKE_COMMAND} --install "${WORK}/library")
run(${CMAKE_COMMAND} -S "${WORK}/user" -B "${WORK}/user/build" "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
run(${CMAKE_COMMAND} --build "${WORK}/user/build")
run("${WORK}/user/build/user")
file(GLOB headers RELATIVE "${WORK}/prefix/include" "${WORK}/prefix/include/*")
if(NOT headers STREQUAL "latchkey_jwt.h")
    message(FATAL_ERROR "installed headers: ${headers}")
endif()
file(READ "${WORK}/prefix/lib/pkgconfig/latchkey_jwt.pc" pc)
if(NOT pc MATCHES "-llatchkey_jwt" OR pc MATCHES "@")
    message(FATAL_ERROR "latchkey_jwt.pc: ${pc}")
endif()
