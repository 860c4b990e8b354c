# Compiler settings that every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(ZVON_WERROR "Warnings are errors" OFF)
option(ZVON_FUZZ "Build the fuzzers" OFF)
option(ZVON_COVERAGE "Count executed lines" OFF)
set(ZVON_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

# Dev: fast to compile, fast enough to run, no debug information to link.
# (project() has put an empty value into the cache: a plain set overrides it.)
set(CMAKE_CXX_FLAGS_DEV "-O1")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "" FORCE)
endif()

find_program(ZVON_CCACHE ccache)
if(ZVON_CCACHE)
  # Precompiled headers are found again only with these.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 ${ZVON_CCACHE})
endif()
find_program(ZVON_MOLD mold)
if(ZVON_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)
endif()

if(ZVON_SANITIZE)
  add_compile_options(-fsanitize=${ZVON_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${ZVON_SANITIZE})
  if(ZVON_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(ZVON_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(ZVON_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# Ours only: generated code and other people's headers are not judged.
add_library(zvon_warnings INTERFACE)
target_compile_options(zvon_warnings INTERFACE -Wall -Wextra -Wshadow=local -Wnon-virtual-dtor
                       -Woverloaded-virtual -Wno-unused-parameter -Wno-missing-field-initializers)
if(ZVON_WERROR)
  target_compile_options(zvon_warnings INTERFACE -Werror)
endif()
