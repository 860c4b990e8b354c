# Helper functions for libraries, services, tests, benchmarks and fuzzers.

# What a core may stand on: values only, no I/O, no clock, no thread.
set(ZVON_CORE_ALLOWED
    absl::status absl::statusor absl::strings absl::time absl::span absl::flat_hash_map
    absl::flat_hash_set absl::btree absl::hash absl::optional absl::variant absl::random_random
    absl::inlined_vector absl::any_invocable absl::function_ref absl::str_format
    common::ids common::time common::check common::rtp common::sdp common::dtmf common::audio
    zvon_warnings)

# Several people may be writing folders of one working tree at once: with
# ZVON_SKIP_MISSING (set -DZVON_SKIP_MISSING=ON in your own build folder) a
# listed source that does not exist yet is a warning, not an error.
option(ZVON_SKIP_MISSING "Leave out listed sources that do not exist" OFF)
macro(zvon_existing var target)
  if(ZVON_SKIP_MISSING)
    foreach(_file ${${var}})
      if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${_file}" AND NOT IS_ABSOLUTE "${_file}")
        message(WARNING "${target}: ${_file} does not exist yet and is left out")
        list(REMOVE_ITEM ${var} ${_file})
      endif()
    endforeach()
  endif()
endmacro()

# zvon_library(common::ids SRCS a.cc DEPS absl::strings [CORE] [GRPC])
# CORE: refuses dependencies that are not in ZVON_CORE_ALLOWED or themselves CORE.
# GRPC: takes the precompiled header with gRPC and protobuf.
# Without SRCS it is header only.
function(zvon_library name)
  cmake_parse_arguments(arg "CORE;GRPC" "" "SRCS;DEPS" ${ARGN})
  string(REPLACE "::" "_" target "zvon_${name}")
  zvon_existing(arg_SRCS ${target})
  if(arg_SRCS)
    add_library(${target} STATIC ${arg_SRCS})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${arg_DEPS} PRIVATE zvon_warnings)
    if(arg_GRPC)
      target_link_libraries(${target} PUBLIC zvon_grpc_deps)
      target_precompile_headers(${target} REUSE_FROM zvon_pch_grpc)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${arg_DEPS})
  endif()
  add_library(${name} ALIAS ${target})
  if(arg_CORE)
    set_property(GLOBAL APPEND PROPERTY ZVON_CORE_TARGETS ${name})
    get_property(core_targets GLOBAL PROPERTY ZVON_CORE_TARGETS)
    foreach(dep ${arg_DEPS})
      if(NOT dep IN_LIST ZVON_CORE_ALLOWED AND NOT dep IN_LIST core_targets)
        message(FATAL_ERROR "${name} is a core and must not link ${dep}: cores do no I/O "
                            "(docs/ARCHITECTURE.md, section 2)")
      endif()
    endforeach()
  endif()
endfunction()

# zvon_service(routing SRCS main.cc DEPS ...): builds the program zvon-routing.
function(zvon_service name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  zvon_existing(arg_SRCS zvon-${name})
  if(NOT arg_SRCS)
    return()
  endif()
  add_executable(zvon-${name} ${arg_SRCS})
  target_link_libraries(zvon-${name} PRIVATE ${arg_DEPS} zvon_warnings)
  target_include_directories(zvon-${name} PRIVATE ${CMAKE_SOURCE_DIR})
  set_target_properties(zvon-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# zvon_test(routing_core SRCS a_test.cc DEPS ... [LABEL unit] [TIMEOUT s] [GRPC])
# One program; ctest runs it once. Labels: unit, contract, sim.
# GRPC: wanted where protos or gRPC are linked; they bring -pthread, with which
# the precompiled Catch2 header cannot be used.
function(zvon_test name)
  cmake_parse_arguments(arg "GRPC" "LABEL;TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  zvon_existing(arg_SRCS ${name}_test)
  if(NOT arg_SRCS)
    return()
  endif()
  add_executable(${name}_test ${arg_SRCS})
  target_link_libraries(${name}_test PRIVATE ${arg_DEPS} zvon_test_main zvon_warnings)
  if(arg_GRPC)
    target_link_libraries(${name}_test PRIVATE zvon_grpc_deps)
    target_precompile_headers(${name}_test REUSE_FROM zvon_pch_grpc)
  else()
    target_precompile_headers(${name}_test REUSE_FROM zvon_pch_catch)
  endif()
  # A precompiled header of a library (-fPIC) does not fit a program (-fPIE).
  set_target_properties(${name}_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name}_test PRIVATE -fPIC)
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# zvon_bench(sip_parser SRCS parser_bench.cc DEPS ...): not part of "all".
function(zvon_bench name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name}_bench EXCLUDE_FROM_ALL ${arg_SRCS})
  target_link_libraries(${name}_bench PRIVATE ${arg_DEPS} benchmark::benchmark zvon_warnings)
  set_target_properties(${name}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endfunction()

# zvon_fuzz(sdp SRCS sdp_fuzz.cc DEPS ... CORPUS dir). With the fuzz preset a
# libFuzzer program; else a replay of the corpus runs as the test fuzz_<name>.
function(zvon_fuzz name)
  cmake_parse_arguments(arg "" "CORPUS" "SRCS;DEPS" ${ARGN})
  zvon_existing(arg_SRCS ${name}_fuzz)
  if(NOT arg_SRCS)
    return()
  endif()
  if(ZVON_FUZZ)
    add_executable(${name}_fuzz ${arg_SRCS})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name}_fuzz ${arg_SRCS} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz_${name} COMMAND ${name}_fuzz ${arg_CORPUS})
    set_tests_properties(fuzz_${name} PROPERTIES LABELS unit TIMEOUT 60)
  endif()
  target_link_libraries(${name}_fuzz PRIVATE ${arg_DEPS} zvon_warnings)
  target_include_directories(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR})
  set_target_properties(${name}_fuzz PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
